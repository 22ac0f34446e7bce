{{ config(materialized="table", indexes=[{"columns": ["company_id", "currency_id", "valid_from_date"]}]) }}

with recursive warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

rates as (
    select * from {{ ref("stg_odoo__res_currency_rate") }}
),

-- A branch has its root's rates. Odoo 16 knows no branches: there every company has its own.
companies as (
    select
        companies.company_id,
        case when warehouse.odoo_series not like '16.%' then companies.parent_company_id end as parent_company_id
    from {{ ref("stg_odoo__res_company") }} as companies
    cross join warehouse
),

roots as (
    select
        companies.company_id,
        companies.company_id as root_company_id
    from companies
    where companies.parent_company_id is null
    union all
    select
        companies.company_id,
        roots.root_company_id
    from companies
    inner join roots on companies.parent_company_id = roots.company_id
),

visible as (
    select
        roots.company_id,
        rates.currency_rate_id,
        rates.currency_id,
        rates.valid_from_date,
        rates.units_per_base_unit,
        rates.company_id is not null as is_own,
        min(rates.valid_from_date) filter (where rates.company_id is not null)
            over (partition by roots.company_id, rates.currency_id) as first_own_date
    from roots
    inner join rates on roots.root_company_id = rates.company_id or rates.company_id is null
),

-- Those for all companies count only until the company has one of its own.
in_force as (
    select distinct on (company_id, currency_id, valid_from_date)
        company_id,
        currency_id,
        valid_from_date,
        units_per_base_unit
    from visible
    where is_own or first_own_date is null or valid_from_date < first_own_date
    order by company_id, currency_id, valid_from_date, currency_rate_id
),

before_the_first as (
    select distinct on (company_id, currency_id)
        company_id,
        currency_id,
        '-infinity'::date as valid_from_date,
        units_per_base_unit
    from visible
    order by company_id, currency_id, is_own desc, valid_from_date, currency_rate_id
),

final as (
    select * from in_force
    union all
    select * from before_the_first
)

select * from final
