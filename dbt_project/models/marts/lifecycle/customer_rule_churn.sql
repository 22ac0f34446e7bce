{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with scores as (
    select * from {{ ref("customer_engagement_scores") }}
),

spells as (
    select * from {{ ref("customer_spells") }}
),

days as (
    {{ compared_days([0, 1, 30]) }}
),

-- Every order and every refund begins a spell.
recent as (
    select
        days.as_of_date,
        spells.customer_sk,
        sum(spells.day_order_count) filter (where spells.from_date > days.as_of_date - 30) as orders_last_30_days,
        sum(spells.day_order_count) as orders_last_90_days,
        coalesce(sum(spells.net_change) filter (where spells.from_date > days.as_of_date - 30), 0)
            as spend_last_30_days,
        sum(spells.net_change) as spend_last_90_days
    from days
    inner join spells
        on
            days.as_of_date >= spells.known_from
            and days.as_of_date < spells.known_to
            and days.as_of_date >= spells.from_date
            and days.as_of_date - 90 < spells.from_date
    group by days.as_of_date, spells.customer_sk
),

buyers as (
    select
        scores.as_of_date,
        scores.customer_sk,
        scores.days_since_last_order,
        coalesce(recent.orders_last_30_days, 0) as orders_last_30_days,
        coalesce(recent.orders_last_90_days, 0) as orders_last_90_days,
        coalesce(recent.spend_last_30_days, 0) as spend_last_30_days,
        coalesce(recent.spend_last_90_days, 0) as spend_last_90_days
    from scores
    inner join days on scores.as_of_date = days.as_of_date
    left join recent on scores.as_of_date = recent.as_of_date and scores.customer_sk = recent.customer_sk
    where scores.order_count > 0
),

-- A third of 90 days is what 30 days should have; half of that is a fall.
risks as (
    select
        buyers.*,
        least(30, buyers.days_since_last_order / 3.0) as recency_risk,
        case
            when buyers.orders_last_90_days = 0 then 30
            when buyers.orders_last_30_days = 0 then 20
            when buyers.orders_last_30_days * 6 < buyers.orders_last_90_days then 15
            else 0
        end as frequency_risk,
        case
            when buyers.spend_last_30_days <= 0 and buyers.spend_last_90_days <= 0 then 25
            when buyers.spend_last_30_days <= 0 then 15
            when buyers.spend_last_30_days * 6 < buyers.spend_last_90_days then 10
            else 0
        end as spend_risk,
        case
            when buyers.orders_last_30_days * 6 < buyers.orders_last_90_days then 15
            when buyers.spend_last_90_days > 0 and buyers.spend_last_30_days * 6 < buyers.spend_last_90_days then 10
            else 0
        end as trend_risk
    from buyers
),

final as (
    select
        risks.*,
        floor(risks.recency_risk + risks.frequency_risk + risks.spend_risk + risks.trend_risk)::integer
            as rule_churn_score
    from risks
)

select * from final
