{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with versions as (
    select * from {{ ref("customer_versions") }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null and facts.order_date <= {{ last_as_of_date() }}
),

order_days as (
    select
        versions.customer_sk,
        versions.known_from,
        orders.order_date,
        count(*)::integer as day_order_count
    from versions
    inner join orders
        on
            versions.customer_sk = orders.customer_sk
            and daterange(versions.known_from, versions.known_to) && orders.counted_days
    group by versions.customer_sk, versions.known_from, orders.order_date
),

gaps as (
    select
        order_days.*,
        (sum(order_days.day_order_count) over until_day)::integer as order_count,
        (row_number() over until_day)::integer as order_day_number,
        min(order_days.order_date) over until_day as first_order_date,
        order_days.order_date - lag(order_days.order_date) over until_day as gap_days
    from order_days
    window until_day as (partition by order_days.customer_sk, order_days.known_from order by order_days.order_date)
),

last_gaps as (
    select
        gaps.*,
        (sum(gaps.gap_days) over last_twelve)::integer as last_gap_days,
        (count(gaps.gap_days) over last_twelve)::integer as last_gap_count
    from gaps
    window last_twelve as (
        partition by gaps.customer_sk, gaps.known_from
        order by gaps.order_date
        rows between 11 preceding and current row
    )
),

limits as (
    select
        last_gaps.*,
        {{ day_limit("at_risk_days", "last_gaps") }} as at_risk_from_days,
        {{ day_limit("dormant_days", "last_gaps") }} as dormant_from_days,
        {{ day_limit("churned_days", "last_gaps") }} as churned_from_days
    from last_gaps
),

-- Whether a silence was long is judged by the rhythm before it: the silence itself would stretch it.
returns as (
    select
        limits.*,
        coalesce(limits.gap_days >= lag(limits.dormant_from_days) over until_day, false) as is_win_back,
        coalesce(limits.gap_days > {{ threshold("retention_at_risk_days") }}, true) as is_return,
        coalesce(limits.gap_days >= {{ threshold("retention_churned_days") }}, false) as is_reactivation
    from limits
    window until_day as (partition by limits.customer_sk, limits.known_from order by limits.order_date)
),

-- A run of buying begins with the first order, with the return of who has been AT_RISK for a day at least, or with the
-- order after a reactivation.
runs as (
    select
        returns.*,
        not returns.is_reactivation
        and (returns.is_return or lag(returns.is_reactivation) over until_day) as is_run_start
    from returns
    window until_day as (partition by returns.customer_sk, returns.known_from order by returns.order_date)
),

final as (
    select
        runs.customer_sk,
        runs.known_from,
        runs.order_date,
        runs.day_order_count,
        runs.order_count,
        runs.order_day_number,
        runs.first_order_date,
        runs.at_risk_from_days,
        runs.dormant_from_days,
        runs.churned_from_days,
        {{ day_limit_factor("runs") }} as day_limit_factor,
        runs.is_reactivation,
        max(runs.order_date) filter (where runs.is_win_back) over until_day as won_back_date,
        max(runs.order_date) filter (where runs.is_run_start) over until_day as buying_since_date,
        min(runs.order_date) filter (where runs.order_count >= 2) over until_day as second_order_date
    from runs
    window until_day as (partition by runs.customer_sk, runs.known_from order by runs.order_date)
)

select * from final
