{{ config(materialized="table") }}

with log as (
    select * from {{ ref("stg_odoo__sale_order_log") }}
),

orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

dated as (
    select
        log.*,
        orders.partner_id,
        orders.company_id as order_company_id,
        coalesce(log.currency_id, orders.currency_id) as log_currency_id
    from log
    inner join orders on log.order_id = orders.order_id
),

final as (
    select
        dated.order_log_id,
        dated.order_id as subscription_id,
        dated.partner_id,
        dated.order_company_id as company_id,
        case when dated.event_type = 'creation' then 'new' else dated.event_type end as event_type,
        dated.event_date,
        currencies.currency_code,
        dated.monthly_net_change,
        dated.monthly_net_after,
        {{ units_per_company_unit(
            "dated.order_company_id",
            "dated.log_currency_id",
            "companies.company_currency_id",
            "dated.event_date",
        ) }} as units_per_company_unit
    from dated
    inner join companies on dated.order_company_id = companies.company_id
    left join currencies on dated.log_currency_id = currencies.currency_id
)

select * from final
