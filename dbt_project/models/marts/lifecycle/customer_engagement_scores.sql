{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with spells as (
    select * from {{ ref("customer_spells") }}
),

engaged_spells as (
    select * from {{ ref("customer_engaged_spells") }}
),

days as (
    {{ compared_days([0, 1, 30, 31, 60]) }}
),

standings as (
    select
        days.as_of_date,
        spells.*,
        coalesce(days.as_of_date < engaged_spells.engaged_until_date, false) as is_engaged,
        days.as_of_date - spells.last_order_date as days_since_last_order,
        coalesce({{ step_points("order_recency", "days.as_of_date - spells.last_order_date") }}, 0)
            as order_recency_points
    from days
    inner join spells on days.as_of_date >= spells.valid_from and days.as_of_date < spells.valid_to
    left join engaged_spells
        on
            spells.customer_sk = engaged_spells.customer_sk
            and spells.known_from = engaged_spells.known_from
            and spells.from_date = engaged_spells.from_date
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
