-- Red where a company sells in a currency that Odoo has no rate to the reporting currency for: its money would be added
-- one to one. Mended by a rate in Odoo (Accounting, Configuration, Currencies) of the company, or of its main company.
with unknown as (
    select rates.company_id
    from {{ ref("int_currency__daily_rates") }} as rates
    group by rates.company_id
    having count(rates.reporting_units_per_company_unit) = 0
)

select
    companies.company_id,
    companies.company_name
from unknown
inner join {{ ref("stg_odoo__res_company") }} as companies on unknown.company_id = companies.company_id
where
    exists (
        select 1 from {{ ref("int_sales__lines") }} as lines
        where lines.company_id = unknown.company_id
    )
