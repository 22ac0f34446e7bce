{{ config(materialized="table") }}

with warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

foreign_companies as (
    select
        companies.company_id,
        companies.company_currency_id,
        warehouse.reporting_currency_id
    from {{ ref("stg_odoo__res_company") }} as companies
    cross join warehouse
    where companies.company_currency_id <> warehouse.reporting_currency_id
),

days as (
    select dates.date_actual
    from {{ ref("int_calendar__days") }} as dates
),

-- One of the two is the base of the rates, at 1 or without any. Where both would be, Odoo has no rate and takes 1.
final as (
    select
        foreign_companies.company_id,
        days.date_actual,
        case
            when reporting_rate.units_per_base_unit is not null or company_rate.units_per_base_unit <> 1
                then coalesce(reporting_rate.units_per_base_unit, 1) / coalesce(company_rate.units_per_base_unit, 1)
        end as reporting_units_per_company_unit
    from foreign_companies
    cross join days
    {% for alias, currency in [
        ("reporting_rate", "reporting_currency_id"),
        ("company_rate", "company_currency_id"),
    ] -%}
    left join lateral (
        {{ rate_in_force("foreign_companies.company_id", "foreign_companies." ~ currency, "days.date_actual") }}
    ) as {{ alias }} on true
    {% endfor %}
)

select * from final
