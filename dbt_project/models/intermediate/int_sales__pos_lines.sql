with orders as (
    select * from {{ ref("int_sales__pos_orders") }}
),

lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
),

confirmed_order_lines as (
    select * from {{ ref("int_sales__order_lines") }}
),

-- A line that collects the money of a confirmed sale order is that order's sale, not another one.
own_lines as (
    select lines.*
    from lines
    left join confirmed_order_lines on lines.settled_order_line_id = confirmed_order_lines.line_id
    where confirmed_order_lines.line_id is null
),

-- What a refund gives back: a line of an earlier POS order, or through it of a sale order.
refunded as (
    select
        lines.pos_order_line_id,
        lines.pos_order_id,
        orders.order_name,
        orders.partner_id,
        confirmed_order_lines.order_id as settled_order_id,
        confirmed_order_lines.order_name as settled_order_name,
        confirmed_order_lines.partner_id as settled_partner_id
    from lines
    inner join orders on lines.pos_order_id = orders.pos_order_id
    left join confirmed_order_lines on lines.settled_order_line_id = confirmed_order_lines.line_id
),

final as (
    select
        case when refunded.settled_order_id is null then 'pos' else 'order' end as sale_source,
        'pos_line' as line_source,
        own_lines.pos_order_line_id as line_id,
        coalesce(refunded.settled_order_id, refunded.pos_order_id, orders.pos_order_id) as order_id,
        coalesce(refunded.settled_order_name, refunded.order_name, orders.order_name) as order_name,
        own_lines.quantity < 0 as is_refund,
        coalesce(refunded.settled_partner_id, refunded.partner_id, orders.partner_id) as partner_id,
        own_lines.product_id,
        orders.company_id,
        orders.currency_code,
        orders.ordered_at,
        orders.order_date as sale_date,
        own_lines.quantity,
        own_lines.net_in_order_currency,
        own_lines.gross_in_order_currency,
        own_lines.net_in_order_currency / orders.units_per_company_unit as net_in_company_currency,
        own_lines.gross_in_order_currency / orders.units_per_company_unit as gross_in_company_currency,
        (own_lines.net_in_order_currency - own_lines.cost_in_order_currency) / orders.units_per_company_unit
            as margin_in_company_currency
    from own_lines
    inner join orders on own_lines.pos_order_id = orders.pos_order_id
    left join refunded on own_lines.refunded_line_id = refunded.pos_order_line_id
)

select * from final
