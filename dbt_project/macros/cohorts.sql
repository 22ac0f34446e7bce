{# Months from the first day of one month to that of another. #}
{% macro months_between(earlier, later) -%}
    (extract(year from age({{ later }}, {{ earlier }})) * 12 + extract(month from age({{ later }}, {{ earlier }})))::integer
{%- endmacro %}

{# Every month of every combination of cohort_mix, up to D's own: a row there holds until the next of its combination. #}
{% macro cohort_months(mix) -%}
    select
        {{ mix }}.*,
        months.month_number,
        ({{ mix }}.cohort_month + months.month_number * interval '1 month')::date as month_start,
        (
            {{ mix }}.cohort_month + (months.month_number + 1) * interval '1 month' - interval '1 day'
        )::date <= {{ mix }}.as_of_date as is_complete_month,
        months.month_number = {{ mix }}.months_since_acquisition as is_eventful
    from {{ mix }}
    cross join lateral generate_series(
        {{ mix }}.months_since_acquisition, {{ mix }}.holds_to_month
    ) as months (month_number)
{%- endmacro %}
