{{ config(materialized="table") }}

with lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
),

orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
),

order_currencies as (
    select * from {{ ref("int_sales__pos_orders") }}
),

moves as (
    select * from {{ ref("stg_odoo__account_move") }}
),

invoice_lines as (
    select * from {{ ref("int_invoices__lines") }}
),

settled_order_lines as (
    select distinct order_lines.order_line_id
    from lines
    inner join {{ ref("stg_odoo__sale_order_line") }} as order_lines
        on lines.settled_order_line_id = order_lines.order_line_id
    inner join {{ ref("stg_odoo__sale_order") }} as sale_orders on order_lines.order_id = sale_orders.order_id
    where sale_orders.is_confirmed
),

sales as (
    select * from {{ ref("int_sales__pos_lines") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

-- Some invoices of POS orders say themselves which order lines they bill.
billing_invoices as (
    select distinct
        invoice_lines.move_id,
        invoice_lines.order_line_id
    from invoice_lines
    where invoice_lines.order_line_id is not null
),

final as (
    select
        lines.pos_order_line_id,
        orders.pos_order_id,
        orders.order_name,
        orders.company_id,
        order_currencies.currency_id,
        orders.order_date,
        lines.net_in_order_currency,
        sales.net_in_company_currency * coalesce(rates.reporting_units_per_company_unit, 1) as net_amount,
        moves.move_id as invoice_move_id,
        moves.move_name as invoice_name,
        settled_order_lines.order_line_id as settled_order_line_id,
        settled_order_lines.order_line_id is not null and billing_invoices.move_id is null as is_bill
    from lines
    inner join orders on lines.pos_order_id = orders.pos_order_id
    left join order_currencies on orders.pos_order_id = order_currencies.pos_order_id
    left join moves on orders.invoice_move_id = moves.move_id and moves.is_posted
    left join settled_order_lines on lines.settled_order_line_id = settled_order_lines.order_line_id
    left join billing_invoices
        on
            moves.move_id = billing_invoices.move_id
            and settled_order_lines.order_line_id = billing_invoices.order_line_id
    left join sales on lines.pos_order_line_id = sales.line_id
    left join rates on orders.company_id = rates.company_id and orders.order_date = rates.date_actual
    where orders.is_paid
)

select * from final
