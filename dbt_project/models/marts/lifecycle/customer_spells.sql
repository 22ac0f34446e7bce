{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with versions as (
    select * from {{ ref("customer_versions") }}
),

changes as (
    select * from {{ ref("customer_changes") }}
),

order_days as (
    select * from {{ ref("customer_order_days") }}
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
        -- What may fall again from one order day to the next is carried behind the order day's number.
        case
            when order_days.order_date is not null
                then array[
                    order_days.order_day_number,
                    order_days.at_risk_from_days,
                    order_days.dormant_from_days,
                    order_days.churned_from_days
                ]
        end as limits
    from versions
    inner join changes on versions.customer_sk = changes.customer_sk and versions.known_to > changes.change_date
    left join order_days
        on
            versions.customer_sk = order_days.customer_sk
            and versions.known_from = order_days.known_from
            and changes.change_date = order_days.order_date
),

-- What the last order day says holds until the next one.
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
        sum(greatest(known_changes.net_change, 0)) over until_change as revenue_before_refunds,
        coalesce(max(known_changes.order_count) over until_change, 0) as order_count,
        coalesce(max(known_changes.order_day_number) over until_change, 0) as order_day_count,
        max(known_changes.first_order_date) over until_change as first_order_date,
        max(known_changes.second_order_date) over until_change as second_order_date,
        max(known_changes.order_date) over until_change as last_order_date,
        max(known_changes.won_back_date) over until_change as won_back_date,
        max(known_changes.buying_since_date) over until_change as buying_since_date,
        max(known_changes.order_date) filter (where known_changes.is_reactivation) over until_change
            as reactivation_date,
        max(known_changes.limits) over until_change as limits,
        (sum(known_changes.subscription_change) over until_change)::integer as subscription_count,
        max(known_changes.change_date) filter (where known_changes.subscription_change <> 0) over until_change
            as last_subscription_date,
        sum(known_changes.mrr_change) over until_change as subscription_mrr,
        (sum(known_changes.tier_points_change) over until_change)::integer as loyalty_tier_points,
        (sum(known_changes.nps_points_change) over until_change)::integer as nps_points,
        (sum(known_changes.attainable_change) over until_change)::integer as attainable_points
    from known_changes
    window until_change as (
        partition by known_changes.customer_sk, known_changes.known_from order by known_changes.change_date
    )
),

final as (
    select
        summed.customer_sk,
        summed.known_from,
        summed.known_to,
        summed.from_date,
        summed.to_date,
        greatest(summed.from_date, summed.known_from) as valid_from,
        least(summed.to_date, summed.known_to) as valid_to,
        summed.day_order_count,
        summed.net_change,
        summed.total_revenue,
        summed.revenue_before_refunds,
        summed.order_count,
        summed.order_day_count,
        summed.first_order_date,
        summed.second_order_date,
        summed.last_order_date,
        summed.won_back_date,
        summed.buying_since_date,
        coalesce(summed.reactivation_date = summed.last_order_date, false) as is_reactivated,
        summed.limits[2] as at_risk_from_days,
        summed.limits[3] as dormant_from_days,
        summed.limits[4] as churned_from_days,
        summed.subscription_count,
        summed.subscription_mrr,
        summed.last_subscription_date,
        {{ step_points("order_count", "summed.order_count") }} as order_count_points,
        {{ step_points("subscription", "summed.subscription_count") }} as subscription_points,
        summed.loyalty_tier_points,
        summed.nps_points,
        summed.attainable_points
    from summed
)

select * from final
