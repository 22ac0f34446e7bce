{{ config(materialized="table") }}

with moves as (
    select * from {{ ref("stg_odoo__account_move") }}
),

move_lines as (
    select * from {{ ref("stg_odoo__account_move_line") }}
),

links as (
    select * from {{ ref("stg_odoo__sale_order_line_invoice_rel") }}
),

order_lines as (
    select
        lines.order_line_id,
        orders.company_id,
        orders.currency_id,
        orders.is_confirmed
    from {{ ref("stg_odoo__sale_order_line") }} as lines
    inner join {{ ref("stg_odoo__sale_order") }} as orders on lines.order_id = orders.order_id
),

pos_orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
),

credit_note_lines as (
    select * from {{ ref("int_sales__credit_note_lines") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

posted as (
    select
        move_lines.move_line_id,
        moves.move_id,
        moves.move_name,
        moves.move_type,
        moves.company_id,
        moves.currency_id,
        moves.invoice_date,
        case when moves.move_type = 'out_refund' then -1 else 1 end * move_lines.net_in_document_currency
            as net_in_document_currency,
        -move_lines.balance_in_company_currency * coalesce(rates.reporting_units_per_company_unit, 1) as net_amount
    from move_lines
    inner join moves on move_lines.move_id = moves.move_id
    left join rates on moves.company_id = rates.company_id and moves.invoice_date = rates.date_actual
    where moves.is_posted and moves.move_type in ('out_invoice', 'out_receipt', 'out_refund')
),

-- An invoice line that bills several order lines is one sale's, never two.
billed as (
    select distinct on (links.invoice_line_id)
        links.invoice_line_id as move_line_id,
        order_lines.*
    from links
    inner join order_lines on links.order_line_id = order_lines.order_line_id
    order by links.invoice_line_id, order_lines.is_confirmed desc, order_lines.order_line_id
),

billing_moves as (
    select
        posted.move_id,
        bool_or(billed.is_confirmed) as is_of_confirmed_order
    from posted
    inner join billed on posted.move_line_id = billed.move_line_id
    group by posted.move_id
),

pos_moves as (
    select distinct pos_orders.invoice_move_id as move_id
    from pos_orders
    where pos_orders.invoice_move_id is not null
),

final as (
    select
        posted.*,
        case when billed.is_confirmed then billed.order_line_id end as order_line_id,
        case
            when posted.move_type = 'out_refund' and pos_moves.move_id is not null then 'point of sale, invoiced'
            when credit_note_lines.treatment = 'counted' then 'credit notes of orders'
            when credit_note_lines.treatment = 'order not confirmed' then 'credit notes of cancelled orders'
            when credit_note_lines.treatment = 'no order' then 'credit notes of manual invoices'
            when credit_note_lines.treatment = 'point of sale' then 'credit notes of the point of sale'
            when posted.move_type = 'out_refund' then null
            when
                billed.is_confirmed
                and (posted.company_id, posted.currency_id) = (billed.company_id, billed.currency_id)
                then 'invoiced'
            when billed.is_confirmed then 'invoiced in another currency'
            when pos_moves.move_id is not null then 'point of sale, invoiced'
            when billing_moves.is_of_confirmed_order then 'invoiced more than sold'
            when billing_moves.move_id is not null then 'invoices of cancelled orders'
            else 'manual invoices'
        end as bridge_class
    from posted
    left join billed on posted.move_line_id = billed.move_line_id
    left join billing_moves on posted.move_id = billing_moves.move_id
    left join pos_moves on posted.move_id = pos_moves.move_id
    left join credit_note_lines on posted.move_line_id = credit_note_lines.move_line_id
)

select * from final
