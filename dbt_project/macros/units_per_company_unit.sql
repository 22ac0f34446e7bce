{# Units of a document's currency for one unit of its company's: at the document's own rate; where that is NULL or 0
   (very old orders, documents without one) at what Odoo would use today for the day. #}
{% macro units_per_company_unit(company_id, currency_id, company_currency_id, day, own_rate="null::numeric") -%}
    case
        when {{ currency_id }} = {{ company_currency_id }} then 1
        else coalesce(
            nullif({{ own_rate }}, 0),
            ({{ rate_in_force(company_id, currency_id, day) }})
            / coalesce(({{ rate_in_force(company_id, company_currency_id, day) }}), 1)
        )
    end
{%- endmacro %}
