with orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

order_lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

order_rates as (
    select * from {{ ref("int_sales__orders") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

-- Nothing is lost to a missing rate: the line would then be unexplained.
final as (
    select
        order_lines.order_line_id,
        orders.order_id,
        orders.order_name,
        orders.company_id,
        orders.currency_id,
        orders.order_date,
        order_lines.net_in_order_currency,
        coalesce(rates.reporting_units_per_company_unit, 1) / order_rates.units_per_company_unit
            as reporting_units_per_order_unit
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    left join order_rates on orders.order_id = order_rates.order_id
    left join rates on orders.company_id = rates.company_id and orders.order_date = rates.date_actual
    where orders.is_confirmed
)

select * from final
