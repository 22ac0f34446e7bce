{# Net revenue of the given number of days that begin with the day of the first order, as far as D knows them. #}
{% macro revenue_of_first(days) -%}
    round(coalesce(sum(money.net_amount) filter (where money.day_number < {{ days }}), 0), 2)
{%- endmacro %}
