{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with spells as (
    select * from {{ ref("customer_spells") }}
),

days as (
    {{ compared_days([0, 1, 30, 31, 60]) }}
),

standings as (
    select
        days.as_of_date,
        spells.*,
        days.as_of_date - spells.last_order_date as days_since_last_order,
        coalesce({{ step_points("order_recency", "days.as_of_date - spells.last_order_date") }}, 0)
            as order_recency_points
    from days
    inner join spells on days.as_of_date >= spells.valid_from and days.as_of_date < spells.valid_to
),

final as (
    select
        standings.*,
        {{ engagement_score(
            "standings.order_recency_points + standings.order_count_points + standings.subscription_points"
            ~ " + standings.loyalty_tier_points + standings.nps_points",
            "standings.attainable_points",
        ) }} as engagement_score
    from standings
)

select * from final
