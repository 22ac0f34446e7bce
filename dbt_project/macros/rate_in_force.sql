{# Odoo's rule: the latest rate on or before the day, a company's own before one that is for all companies. #}
{% macro rate_in_force(company_id, currency_id, day) -%}
    select rates.units_per_base_unit
    from {{ ref("stg_odoo__res_currency_rate") }} as rates
    where
        rates.currency_id = {{ currency_id }}
        and (rates.company_id = {{ company_id }} or rates.company_id is null)
        and rates.valid_from_date <= {{ day }}
    order by rates.company_id nulls last, rates.valid_from_date desc
    limit 1
{%- endmacro %}
