{# Low to Critical by quarters of the score (customer-analytics.md, ChurnPredictor). #}
{% macro risk_category(score) -%}
    case
        when {{ score }} > 75 then 'Critical'
        when {{ score }} > 50 then 'High'
        when {{ score }} > 25 then 'Medium'
        when {{ score }} is not null then 'Low'
    end
{%- endmacro %}

{# The last 30 days against a third of the last 90: half of it is a fall, half more a rise (customer-analytics.md). #}
{% macro month_trend(last_30, last_90) -%}
    case
        when {{ last_90 }} > 0 and {{ last_30 }} * 6 < {{ last_90 }} then 'decreasing'
        when {{ last_90 }} > 0 and {{ last_30 }} * 2 > {{ last_90 }} then 'increasing'
        else 'stable'
    end
{%- endmacro %}
