{# A threshold of the lifecycle by its code in the seed: whole days, points or orders, else the type says what. Read once
   per statement. #}
{% macro threshold(code, type="integer") -%}
    (
        select thresholds.threshold_value::{{ type }}
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

{# The moment at which a business day begins, in UTC. Wants `warehouse` among the relations. #}
{% macro start_of_day(day) -%}
    ((({{ day }})::timestamp at time zone warehouse.business_time_zone) at time zone 'UTC')
{%- endmacro %}

{# How far a customer's rhythm stretches the day limits (spec, section 6): by the number of an order day, and the sum and
   number of the last 12 gaps before it, of the relation that is named. #}
{% macro day_limit_factor(order_days) -%}
    case
        when {{ order_days }}.order_day_number < {{ threshold("few_order_days") }} then 1
        when {{ order_days }}.last_gap_days <= 3 * {{ order_days }}.last_gap_count then 0.7
        else least(3, greatest(1, {{ order_days }}.last_gap_days::numeric / (10 * {{ order_days }}.last_gap_count)))
    end
{%- endmacro %}

{# The first day of silence at or beyond a limit times this factor, in whole numbers: a rounded factor would miss it. #}
{% macro day_limit(code, order_days) -%}
    (
        case
            when {{ order_days }}.order_day_number < {{ threshold("few_order_days") }} then {{ threshold(code) }}
            when {{ order_days }}.last_gap_days <= 3 * {{ order_days }}.last_gap_count then (7 * {{ threshold(code) }} + 9) / 10
            else least(
                3 * {{ threshold(code) }},
                greatest(
                    {{ threshold(code) }},
                    ({{ threshold(code) }} * {{ order_days }}.last_gap_days + 10 * {{ order_days }}.last_gap_count - 1)
                    / (10 * {{ order_days }}.last_gap_count)
                )
            )
        end
    )::integer
{%- endmacro %}

{# Points in percent of the reachable ones, rounded, in whole numbers. #}
{% macro engagement_score(points, attainable_points) -%}
    (200 * ({{ points }}) + {{ attainable_points }}) / (2 * {{ attainable_points }})
{%- endmacro %}

{# The silence in days from which points that last and those of recency make less than engaged_hold_score: the first step
   of recency that gives fewer points than are needed, by the inequality of engagement_score solved for them. NULL: never.
   Points fall from step to step, hence the signs. #}
{% macro engaged_hold_days(lasting_points, attainable_points) -%}
    (
        select array_agg(steps.at_least order by steps.at_least)
        from {{ ref("engagement_points") }} as steps
        where steps.part = 'order_recency'
    )[
        1 + width_bucket(
            200 * {{ lasting_points }} - (2 * {{ threshold("engaged_hold_score") }} - 1) * {{ attainable_points }},
            (
                select array_agg(-200 * steps.points order by steps.at_least)
                from {{ ref("engagement_points") }} as steps
                where steps.part = 'order_recency'
            )
        )
    ]
{%- endmacro %}
