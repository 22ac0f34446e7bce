{{ config(key=["company_sk"]) }}

with companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

final as (
    select
        {{ surrogate_key(["'company'", "companies.company_id"]) }} as company_sk,
        companies.company_id,
        companies.company_name,
        companies.parent_company_id,
        currencies.currency_code,
        companies.company_id = warehouse.main_company_id as is_main_company,
        {{ in_scope("companies.company_id") }} as is_in_scope,
        companies.is_archived
    from companies
    inner join currencies on companies.company_currency_id = currencies.currency_id
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
