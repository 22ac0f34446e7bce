{# The rate that Odoo takes for the day; NULL for a currency without any, where Odoo takes 1. #}
{% macro rate_in_force(company_id, currency_id, day) -%}
    select rates.units_per_base_unit
    from {{ ref("int_currency__company_rates") }} as rates
    where
        rates.company_id = {{ company_id }}
        and rates.currency_id = {{ currency_id }}
        and rates.valid_from_date <= {{ day }}
    order by rates.valid_from_date desc
    limit 1
{%- endmacro %}
