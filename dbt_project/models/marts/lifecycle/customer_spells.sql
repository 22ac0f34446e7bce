{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

{#
Engaged is a state with a memory: entered at a high score, kept at a lower one. It needs no stored snapshots, because
within a spell nothing but the days since the last order changes, and they only lower the score. So a customer enters
on the first day of a spell or not in it at all, and is kept until a day that the spell knows from its start
(hold_until_date). Spells whose hold reaches the next one form a chain; who entered in any spell of the chain so far is
engaged until the hold of the present one ends. The flag follows score and days alone: a stage that goes before it
(won back, onboarding) hides it and does not end it.
#}
with versions as (
    select * from {{ ref("customer_versions") }}
),

changes as (
    select * from {{ ref("customer_changes") }}
),

order_days as (
    select * from {{ ref("customer_order_days") }}
),

points as (
    select * from {{ ref("engagement_points") }}
),

known_changes as (
    select
        changes.*,
        versions.known_from,
        versions.known_to,
        order_days.order_date,
        order_days.day_order_count,
        order_days.order_count,
        order_days.order_day_number,
        order_days.first_order_date,
        order_days.second_order_date,
        order_days.won_back_date,
        order_days.buying_since_date,
        order_days.is_reactivation,
        order_days.day_limit_factor
    from versions
    inner join changes on versions.customer_sk = changes.customer_sk and versions.known_to > changes.change_date
    left join order_days
        on
            versions.customer_sk = order_days.customer_sk
            and versions.known_from = order_days.known_from
            and changes.change_date = order_days.order_date
),

-- What the last order day says holds until the next one. Its factor may fall again, hence the pair with its number.
summed as (
    select
        known_changes.customer_sk,
        known_changes.known_from,
        known_changes.known_to,
        known_changes.change_date as from_date,
        lead(known_changes.change_date, 1, known_changes.known_to) over until_change as to_date,
        coalesce(known_changes.day_order_count, 0) as day_order_count,
        known_changes.net_change,
        sum(known_changes.net_change) over until_change as total_revenue,
        coalesce(max(known_changes.order_count) over until_change, 0) as order_count,
        coalesce(max(known_changes.order_day_number) over until_change, 0) as order_day_count,
        max(known_changes.first_order_date) over until_change as first_order_date,
        max(known_changes.second_order_date) over until_change as second_order_date,
        max(known_changes.order_date) over until_change as last_order_date,
        max(known_changes.won_back_date) over until_change as won_back_date,
        max(known_changes.buying_since_date) over until_change as buying_since_date,
        max(known_changes.order_date) filter (where known_changes.is_reactivation) over until_change
            as reactivation_date,
        coalesce(
            (
                max(array[known_changes.order_day_number, known_changes.day_limit_factor]) filter (
                    where known_changes.order_date is not null
                ) over until_change
            )[2], 1
        ) as day_limit_factor,
        (sum(known_changes.subscription_change) over until_change)::integer as subscription_count,
        sum(known_changes.mrr_change) over until_change as subscription_mrr,
        (sum(known_changes.tier_points_change) over until_change)::integer as loyalty_tier_points,
        (sum(known_changes.nps_points_change) over until_change)::integer as nps_points,
        (sum(known_changes.attainable_change) over until_change)::integer as attainable_points
    from known_changes
    window until_change as (
        partition by known_changes.customer_sk, known_changes.known_from order by known_changes.change_date
    )
),

pointed as (
    select
        summed.*,
        {{ step_points("order_count", "summed.order_count") }} as order_count_points,
        {{ step_points("subscription", "summed.subscription_count") }} as subscription_points
    from summed
),

standing as (
    select
        pointed.*,
        pointed.order_count_points
        + pointed.subscription_points
        + pointed.loyalty_tier_points
        + pointed.nps_points as lasting_points
    from pointed
),

-- The silence from which the score is too low to stay engaged; many spells share it.
standings as (
    select distinct
        standing.lasting_points,
        standing.attainable_points
    from standing
),

holds as (
    select
        standings.lasting_points,
        standings.attainable_points,
        min(points.at_least) as hold_days
    from standings
    inner join points
        on
            points.part = 'order_recency'
            and {{ engagement_score("standings.lasting_points + points.points", "standings.attainable_points") }}
            < {{ threshold("engaged_hold_score") }}
    group by standings.lasting_points, standings.attainable_points
),

bounded as (
    select
        standing.*,
        standing.from_date - standing.last_order_date < {{ threshold("engaged_entry_days") }}
        and {{ engagement_score(
            "standing.lasting_points + "
            ~ step_points("order_recency", "standing.from_date - standing.last_order_date"),
            "standing.attainable_points",
        ) }} >= {{ threshold("engaged_entry_score") }} as is_entry,
        standing.last_order_date
        + least(holds.hold_days, {{ day_limit("at_risk_days", "standing.day_limit_factor") }}) as hold_until_date,
        case
            when standing.subscription_count = 0
                then greatest(
                    standing.last_order_date + {{ day_limit("churned_days", "standing.day_limit_factor") }},
                    standing.from_date
                )
        end as churn_date
    from standing
    left join holds
        on standing.lasting_points = holds.lasting_points and standing.attainable_points = holds.attainable_points
),

linked as (
    select
        bounded.*,
        coalesce(
            bounded.hold_until_date <= bounded.from_date
            or lag(bounded.hold_until_date) over until_change < bounded.from_date,
            true
        ) as is_cut,
        -- Churned at the end of the spell before, and still.
        bounded.churn_date = bounded.from_date
        and coalesce(
            lag(bounded.churn_date) over until_change < lag(bounded.to_date) over until_change, false
        ) as is_churned_already
    from bounded
    window until_change as (partition by bounded.customer_sk, bounded.known_from order by bounded.from_date)
),

remembered as (
    select
        linked.*,
        max(linked.from_date) filter (where linked.is_entry) over until_change
        >= max(linked.from_date) filter (where linked.is_cut) over until_change as has_entered,
        max(linked.total_revenue) over until_change as highest_total_revenue,
        max(linked.churn_date) filter (
            where linked.churn_date < linked.to_date and not linked.is_churned_already
        ) over before_change as earlier_churn_date
    from linked
    window
        until_change as (partition by linked.customer_sk, linked.known_from order by linked.from_date),
        before_change as (
            partition by linked.customer_sk, linked.known_from
            order by linked.from_date
            rows between unbounded preceding and 1 preceding
        )
),

final as (
    select
        remembered.customer_sk,
        remembered.known_from,
        remembered.known_to,
        remembered.from_date,
        remembered.to_date,
        greatest(remembered.from_date, remembered.known_from) as valid_from,
        least(remembered.to_date, remembered.known_to) as valid_to,
        remembered.day_order_count,
        remembered.net_change,
        remembered.total_revenue,
        remembered.highest_total_revenue,
        remembered.order_count,
        remembered.order_day_count,
        remembered.first_order_date,
        remembered.second_order_date,
        remembered.last_order_date,
        remembered.won_back_date,
        remembered.buying_since_date,
        coalesce(remembered.reactivation_date = remembered.last_order_date, false) as is_reactivated,
        remembered.day_limit_factor,
        remembered.subscription_count,
        remembered.subscription_mrr,
        remembered.order_count_points,
        remembered.subscription_points,
        remembered.loyalty_tier_points,
        remembered.nps_points,
        remembered.attainable_points,
        case when remembered.has_entered then remembered.hold_until_date end as engaged_until_date,
        case when not remembered.is_churned_already then remembered.churn_date end as churn_date,
        remembered.earlier_churn_date
    from remembered
)

select * from final
