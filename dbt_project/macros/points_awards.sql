{# Tiers of the add-on's programs, one row each: their bound, and what they multiply an order's points by. #}
{% macro addon_tiers(programs) -%}
    select
        {{ programs }}.points_program_id,
        lower(tiers.tier ->> 'code') as tier_code,
        -- A tier without a bound is everybody's; one whose bound is no number is nobody's.
        case
            when tiers.tier -> 'min_points' is null then 0
            when jsonb_typeof(tiers.tier -> 'min_points') = 'number' then (tiers.tier ->> 'min_points')::numeric
        end as min_points,
        (
            jsonb_path_query_first(
                tiers.tier,
                '$.benefits[*] ? (@.type == "points_multiplier" && @.value >= 0 && @.value < 1000).value'
            ) #>> '{}'
        )::numeric as points_multiplier
    from {{ programs }}
    cross join
        lateral jsonb_array_elements(
            case when jsonb_typeof({{ programs }}.tiers) = 'array' then {{ programs }}.tiers end
        ) as tiers (tier)
{%- endmacro %}

{# An order counts by the tier that its account had before it: the present one where that is older than the order, else
   the one of the points earned until then. `earnings` has standing_tier_code (the present one, if older), points_before. #}
{% macro is_addon_tier_of(earnings, tiers) -%}
    (
        {{ earnings }}.standing_tier_code = {{ tiers }}.tier_code
        or ({{ earnings }}.standing_tier_code is null and {{ earnings }}.points_before >= {{ tiers }}.min_points)
    )
{%- endmacro %}

{# What an order of this amount earns in the add-on, which knows whole points alone, before and after it multiplies. #}
{% macro addon_order_points(points_per_money, amount, points_multiplier) -%}
    floor(floor({{ points_per_money }} * greatest({{ amount }}, 0)) * coalesce({{ points_multiplier }}, 1))
{%- endmacro %}
