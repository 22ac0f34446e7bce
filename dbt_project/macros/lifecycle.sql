{# A threshold of the lifecycle by its code in the seed, or another column of it. Read once per statement. #}
{% macro threshold(code, column="threshold_value") -%}
    (
        select thresholds.{{ column }}
        from {{ ref("lifecycle_threshold") }} as thresholds
        where thresholds.threshold_code = '{{ code }}'
    )
{%- endmacro %}

{# The as-of days of this run, and with each the days so many days before it, with which it is compared. #}
{% macro compared_days(days_back) -%}
    select distinct built.as_of_date - compared.days_back as as_of_date
    from unnest(array[{{ as_of_dates() }}]) as built (as_of_date)
    cross join unnest(array{{ days_back }}) as compared (days_back)
{%- endmacro %}

{# high, medium or low, by thresholds <measure>_high_score and <measure>_medium_score. #}
{% macro score_level(score, measure) -%}
    case
        when {{ score }} >= {{ threshold(measure ~ "_high_score") }} then 'high'
        when {{ score }} >= {{ threshold(measure ~ "_medium_score") }} then 'medium'
        when {{ score }} is not null then 'low'
    end
{%- endmacro %}

{# Weight of a part of a score, NULL where the part itself is. #}
{% macro weight_of(score_code, part) -%}
    case
        when {{ part }}_part is not null
            then (
                select weights.weight from {{ ref("score_weight") }} as weights
                where weights.score_code = '{{ score_code }}' and weights.part = '{{ part }}'
            )
    end
{%- endmacro %}

{# Mean of the columns <part>_part by the weights in the seed; parts that are NULL are left out of it. #}
{% macro weighted_score(score_code, parts) -%}
    (
        {%- for part in parts %}
        coalesce({{ part }}_part * {{ weight_of(score_code, part) }}, 0){{ " +" if not loop.last }}
        {%- endfor %}
    ) / nullif(
        {%- for part in parts %}
        coalesce({{ weight_of(score_code, part) }}, 0){{ " +" if not loop.last }}
        {%- endfor %},
        0
    )
{%- endmacro %}

{# How far a customer's rhythm stretches the day limits (spec, section 6), from order days and the mean of the last
   12 gaps between them. #}
{% macro day_limit_factor(order_days, mean_gap_days) -%}
    case
        when {{ order_days }} < {{ threshold("few_order_days") }} then 1
        when {{ mean_gap_days }} <= 3 then 0.7
        else least(3, greatest(1, {{ mean_gap_days }} / 10))
    end
{%- endmacro %}

{# Whole days of silence at which a limit is reached for a customer of this rhythm. A mean of thirds is a little more
   than exact. #}
{% macro day_limit(code, factor) -%}
    ceil(round({{ threshold(code) }} * {{ factor }}, 6))::integer
{%- endmacro %}

{# Points of the engagement score for a whole number (days, orders, subscriptions), by the steps of the seed. #}
{% macro step_points(part, value) -%}
    (
        select array_agg(steps.points order by steps.at_least)
        from {{ ref("engagement_points") }} as steps
        where steps.part = '{{ part }}'
    )[
        width_bucket(
            {{ value }},
            (
                select array_agg(steps.at_least order by steps.at_least)
                from {{ ref("engagement_points") }} as steps
                where steps.part = '{{ part }}'
            )
        )
    ]
{%- endmacro %}

{# Points of the reachable ones, scaled to 100. #}
{% macro engagement_score(points, attainable_points) -%}
    round(100.0 * ({{ points }}) / {{ attainable_points }})::integer
{%- endmacro %}

{# The moment at which a business day begins, in UTC. Wants `warehouse` among the relations. #}
{% macro start_of_day(day) -%}
    ((({{ day }})::timestamp at time zone warehouse.business_time_zone) at time zone 'UTC')
{%- endmacro %}
