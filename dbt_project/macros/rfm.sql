{# Twice the mid-rank of a value among the customers of its day: 2 * below + equal, in integers. `order` puts what
   scores lower first. #}
{% macro double_mid_rank(value, order="asc") -%}
    2 * (rank() over (partition by population.as_of_date order by {{ value }} {{ order }}) - 1)
    + count(*) over (partition by population.as_of_date, {{ value }})
{%- endmacro %}

{# The fifth that a mid-rank falls into; 3 in a shop of fewer than five customers (spec, section 2). #}
{% macro mid_rank_fifth(double_mid_rank) -%}
    case
        when ranked.customers < 5 then 3
        else least(5, 1 + 5 * {{ double_mid_rank }} / (2 * ranked.customers))
    end::integer
{%- endmacro %}

{% macro mid_rank_percentile(double_mid_rank) -%}
    round(100.0 * {{ double_mid_rank }} / (2 * ranked.customers), 2)
{%- endmacro %}

{# Counted orders dated in the given number of days that end with the as-of day. #}
{% macro orders_within(days) -%}
    count(*) filter (
        where
        events_of_the_year.is_counted
        and events_of_the_year.event_date > events_of_the_year.as_of_date - {{ days }}
    )::integer
{%- endmacro %}

{# Net revenue less refunds dated in the given number of days that end with the as-of day. #}
{% macro spend_within(days) -%}
    sum(events_of_the_year.net_amount) filter (
        where events_of_the_year.event_date > events_of_the_year.as_of_date - {{ days }}
    )
{%- endmacro %}
