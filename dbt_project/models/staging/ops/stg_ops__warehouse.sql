-- One row. The limit tells the planner so: tables this small are never analyzed by themselves, and are taken for
-- hundreds of rows.
select
    warehouse.main_company_id,
    warehouse.reporting_currency_id,
    warehouse.reporting_currency,
    warehouse.business_time_zone,
    (warehouse.first_extracted_at at time zone warehouse.business_time_zone)::date - 1 as first_witnessed_date,
    warehouse.odoo_series
from {{ source("ops", "warehouse") }} as warehouse
order by warehouse.main_company_id
limit 1
