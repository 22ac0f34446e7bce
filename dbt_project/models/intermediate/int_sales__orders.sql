with orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

confirmed as (
    select orders.*
    from orders
    where orders.is_confirmed
),

final as (
    select
        confirmed.order_id,
        confirmed.order_name,
        confirmed.partner_id,
        confirmed.company_id,
        confirmed.ordered_at,
        confirmed.order_date,
        currencies.currency_code,
        {{ units_per_company_unit(
            "confirmed.company_id",
            "confirmed.currency_id",
            "companies.company_currency_id",
            "confirmed.order_date",
            "confirmed.units_per_company_unit",
        ) }} as units_per_company_unit
    from confirmed
    inner join companies on confirmed.company_id = companies.company_id
    inner join currencies on confirmed.currency_id = currencies.currency_id
)

select * from final
