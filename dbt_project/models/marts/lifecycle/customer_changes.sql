{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with arrivals as (
    select * from {{ latest("customer_arrival") }} as facts
    where facts.arrival_date <= {{ last_as_of_date() }}
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

subscriptions as (
    select * from {{ latest("fact_subscription") }} as facts
    where facts.customer_sk is not null and facts.started_date <= {{ last_as_of_date() }}
),

nps_answers as (
    select * from {{ latest("fact_nps") }} as facts
    where facts.customer_sk is not null and facts.answer_date <= {{ last_as_of_date() }}
),

accounts as (
    select * from {{ latest("fact_loyalty_account") }} as facts
    where facts.join_date <= {{ last_as_of_date() }}
),

step_points as (
    select * from {{ ref("engagement_points") }}
),

code_points as (
    select * from {{ ref("engagement_code_points") }}
),

most_points as (
    select
        parts.part,
        min(parts.points) as lowest_points,
        max(parts.points) as highest_points
    from (
        select
            step_points.part,
            step_points.points
        from step_points
        union all
        select
            code_points.part,
            code_points.points
        from code_points
    ) as parts
    group by parts.part
),

-- When a subscription was paused is not known; it counts as if it had never run.
running_subscriptions as (
    select subscriptions.*
    from subscriptions
    where
        subscriptions.subscription_state = 'active'
        or (subscriptions.subscription_state in ('closed', 'renewed') and subscriptions.ended_date is not null)
),

nps_points as (
    select distinct on (nps_answers.customer_sk, nps_answers.answer_date)
        nps_answers.customer_sk,
        nps_answers.answer_date,
        code_points.points
    from nps_answers
    inner join code_points on code_points.part = 'nps' and nps_answers.nps_category = code_points.value_code
    order by
        nps_answers.customer_sk asc, nps_answers.answer_date asc, nps_answers.answered_at desc, nps_answers.nps_sk asc
),

-- Who has several accounts is judged by the first. Before it qualified for its tier it was in the lowest.
tier_points as (
    select distinct on (accounts.customer_sk)
        accounts.customer_sk,
        accounts.join_date,
        greatest(accounts.tier_qualified_date, accounts.join_date) as tier_date,
        most_points.lowest_points,
        coalesce(code_points.points, most_points.lowest_points) as points
    from accounts
    inner join most_points on most_points.part = 'loyalty_tier'
    left join code_points on code_points.part = 'loyalty_tier' and accounts.tier_code = code_points.value_code
    order by accounts.customer_sk, accounts.join_date, accounts.loyalty_account_sk
),

-- From when on a customer of this shop can have points of a part at all.
reaches as (
    select
        orders.part,
        date '-infinity' as reach_date
    from (values ('order_recency'), ('order_count')) as orders (part)
    union all
    select
        'subscription' as part,
        min(running_subscriptions.started_date) as reach_date
    from running_subscriptions
    union all
    select
        'nps' as part,
        min(nps_points.answer_date) as reach_date
    from nps_points
    union all
    select
        'loyalty_tier' as part,
        min(tier_points.join_date) as reach_date
    from tier_points
),

changes as (
    select
        arrivals.customer_sk,
        arrivals.arrival_date as change_date,
        0::numeric as net_change,
        0 as subscription_change,
        0::numeric as mrr_change,
        0 as tier_points_change,
        0 as nps_points_change,
        0 as attainable_change
    from arrivals
    union all
    select
        sales.customer_sk,
        sales.sale_date as change_date,
        sum(sales.net_amount) as net_change,
        0 as subscription_change,
        0 as mrr_change,
        0 as tier_points_change,
        0 as nps_points_change,
        0 as attainable_change
    from sales
    group by sales.customer_sk, sales.sale_date
    union all
    select
        running_subscriptions.customer_sk,
        running_subscriptions.started_date as change_date,
        0 as net_change,
        1 as subscription_change,
        coalesce(running_subscriptions.mrr_net, 0) as mrr_change,
        0 as tier_points_change,
        0 as nps_points_change,
        0 as attainable_change
    from running_subscriptions
    union all
    select
        running_subscriptions.customer_sk,
        greatest(running_subscriptions.ended_date, running_subscriptions.started_date) as change_date,
        0 as net_change,
        -1 as subscription_change,
        -coalesce(running_subscriptions.mrr_net, 0) as mrr_change,
        0 as tier_points_change,
        0 as nps_points_change,
        0 as attainable_change
    from running_subscriptions
    where running_subscriptions.ended_date <= {{ last_as_of_date() }}
    union all
    select
        nps_points.customer_sk,
        nps_points.answer_date as change_date,
        0 as net_change,
        0 as subscription_change,
        0 as mrr_change,
        0 as tier_points_change,
        nps_points.points - lag(nps_points.points, 1, 0) over (
            partition by nps_points.customer_sk order by nps_points.answer_date
        ) as nps_points_change,
        0 as attainable_change
    from nps_points
    union all
    select
        tier_points.customer_sk,
        steps.change_date,
        0 as net_change,
        0 as subscription_change,
        0 as mrr_change,
        steps.tier_points_change,
        0 as nps_points_change,
        0 as attainable_change
    from tier_points
    cross join
        lateral (
            values
            (tier_points.join_date, tier_points.lowest_points),
            (coalesce(tier_points.tier_date, tier_points.join_date), tier_points.points - tier_points.lowest_points)
        ) as steps (change_date, tier_points_change)
    where steps.change_date <= {{ last_as_of_date() }}
    union all
    select
        arrivals.customer_sk,
        reaches.reach_date as change_date,
        0 as net_change,
        0 as subscription_change,
        0 as mrr_change,
        0 as tier_points_change,
        0 as nps_points_change,
        most_points.highest_points as attainable_change
    from arrivals
    cross join reaches
    inner join most_points on reaches.part = most_points.part
    where reaches.reach_date is not null
),

-- What happened before somebody was a customer counts from the first day as one.
final as (
    select
        changes.customer_sk,
        greatest(changes.change_date, arrivals.arrival_date) as change_date,
        sum(changes.net_change) as net_change,
        sum(changes.subscription_change) as subscription_change,
        sum(changes.mrr_change) as mrr_change,
        sum(changes.tier_points_change) as tier_points_change,
        sum(changes.nps_points_change) as nps_points_change,
        sum(changes.attainable_change) as attainable_change
    from changes
    inner join arrivals on changes.customer_sk = arrivals.customer_sk
    group by changes.customer_sk, greatest(changes.change_date, arrivals.arrival_date)
)

select * from final
