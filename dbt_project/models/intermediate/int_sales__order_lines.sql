{{ config(materialized="table") }}

with orders as (
    select * from {{ ref("int_sales__orders") }}
),

lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

final as (
    select
        'order' as sale_source,
        'order_line' as line_source,
        lines.order_line_id as line_id,
        orders.order_id,
        orders.order_name,
        false as is_refund,
        orders.partner_id,
        lines.product_id,
        orders.company_id,
        orders.currency_code,
        orders.ordered_at,
        orders.order_date as sale_date,
        lines.quantity,
        lines.net_in_order_currency,
        lines.gross_in_order_currency,
        lines.net_in_order_currency / orders.units_per_company_unit as net_in_company_currency,
        lines.gross_in_order_currency / orders.units_per_company_unit as gross_in_company_currency,
        lines.margin_in_order_currency / orders.units_per_company_unit as margin_in_company_currency
    from lines
    inner join orders on lines.order_id = orders.order_id
)

select * from final
