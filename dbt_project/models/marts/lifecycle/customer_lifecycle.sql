{{
    config(
        key=["as_of_date", "customer_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "current_stage"]],
    )
}}

with states as (
    select * from {{ ref("customer_states") }}
),

spells as (
    select * from {{ ref("customer_spells") }}
),

order_days as (
    select * from {{ ref("customer_order_days") }}
),

engagement as (
    select * from {{ latest("fact_customer_engagement") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

arrivals as (
    select * from {{ latest("customer_arrival") }} as facts
),

onboardings as (
    select * from {{ latest("fact_customer_onboarding") }} as facts
),

onboarding_steps as (
    select * from {{ latest("fact_onboarding_step") }} as facts
),

subscriptions as (
    select * from {{ latest("fact_subscription") }} as facts
),

accounts as (
    select * from {{ latest("fact_loyalty_account") }} as facts
),

code_points as (
    select * from {{ ref("engagement_code_points") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

current_day as (
    select * from states
    where states.as_of_date in ({{ as_of_dates() }})
),

-- The journey begun last, as it stood.
journeys as (
    select distinct on (current_day.as_of_date, current_day.customer_sk)
        current_day.as_of_date,
        current_day.customer_sk,
        onboardings.onboarding_sk,
        case
            when onboardings.end_date <= current_day.as_of_date then onboardings.onboarding_status
            else 'in_progress'
        end as onboarding_status,
        onboardings.started_at,
        case when onboardings.end_date <= current_day.as_of_date then onboardings.completed_at end as completed_at,
        onboardings.step_count
    from current_day
    inner join onboardings
        on current_day.customer_sk = onboardings.customer_sk and current_day.as_of_date >= onboardings.start_date
    order by
        current_day.as_of_date asc,
        current_day.customer_sk asc,
        onboardings.started_at desc,
        onboardings.onboarding_sk asc
),

completed_steps as (
    select
        journeys.as_of_date,
        journeys.customer_sk,
        count(*) as step_count
    from journeys
    inner join onboarding_steps
        on
            journeys.onboarding_sk = onboarding_steps.onboarding_sk
            and journeys.as_of_date >= onboarding_steps.completion_date
    where onboarding_steps.step_status = 'completed'
    group by journeys.as_of_date, journeys.customer_sk
),

first_journey as (
    select min(onboardings.start_date) as start_date from onboardings
),

first_subscriptions as (
    select
        subscriptions.customer_sk,
        min(subscriptions.started_date) as first_subscription_date
    from subscriptions
    where subscriptions.subscription_state <> 'draft'
    group by subscriptions.customer_sk
),

lowest_tier as (
    select code_points.value_code as tier_code from code_points
    where code_points.part = 'loyalty_tier'
    order by code_points.points
    limit 1
),

-- The account whose tier the engagement score counts.
first_accounts as (
    select distinct on (accounts.customer_sk) accounts.*
    from accounts
    order by accounts.customer_sk, accounts.join_date, accounts.loyalty_account_sk
),

-- Spend that passed the VIP limit, up or down, ends a state as well.
spend_crossings as (
    select
        current_day.as_of_date,
        current_day.customer_sk,
        max(spells.to_date) as crossing_date
    from current_day
    inner join spells
        on
            current_day.customer_sk = spells.customer_sk
            and current_day.known_from = spells.known_from
            and current_day.as_of_date >= spells.from_date
    where
        current_day.retention_state in ('CUSTOMER', 'REPEAT', 'VIP')
        and current_day.revenue_before_refunds > current_day.vip_spend
        and (spells.total_revenue > current_day.vip_spend) <> (current_day.total_revenue > current_day.vip_spend)
    group by current_day.as_of_date, current_day.customer_sk
),

final as (
    select
        {{ surrogate_key(["'lifecycle'", "current_day.as_of_date", "current_day.customer_sk"]) }} as lifecycle_sk,
        {{ date_key("current_day.as_of_date") }} as date_sk,
        current_day.as_of_date,
        current_day.customer_sk,
        current_day.stage as current_stage,
        day_before.stage as previous_stage,
        coalesce(current_day.stage <> day_before.stage, true) as stage_changed,
        case
            when coalesce(current_day.stage <> day_before.stage, true)
                then {{ start_of_day("current_day.as_of_date") }}
        end as stage_changed_at,
        month_before.stage as stage_30_days_ago,
        current_day.retention_state,
        day_before.retention_state as previous_retention_state,
        case current_day.retention_state
            when 'LEAD' then arrivals.arrival_date
            when 'CHURNED' then current_day.last_order_date + {{ threshold("retention_churned_days") }}
            when 'AT_RISK' then current_day.last_order_date + {{ threshold("retention_at_risk_days") }}
            when 'REACTIVATED' then current_day.last_order_date
            when 'REPEAT'
                then greatest(
                    current_day.buying_since_date, current_day.second_order_date, spend_crossings.crossing_date
                )
            else greatest(current_day.buying_since_date, spend_crossings.crossing_date)
        end as retention_state_since_date,
        month_before.retention_state as retention_state_30_days_ago,
        current_day.clm_stage,
        day_before.clm_stage as previous_clm_stage,
        month_before.clm_stage as clm_stage_30_days_ago,
        current_day.recommended_actions,
        current_day.as_of_date - arrivals.arrival_date as days_as_customer,
        current_day.order_count as total_orders,
        round(current_day.total_revenue, 2) as total_revenue,
        current_day.first_order_date,
        current_day.last_order_date,
        current_day.days_since_last_order,
        coalesce(order_days.day_limit_factor, 1) as day_limit_factor,
        engagement.engagement_score,
        engagement.engagement_trend,
        engagement.health_score,
        round(current_day.churn_probability::numeric, 4) as churn_risk_score,
        current_day.rule_churn_score,
        {{ score_level("values_of_customers.value_percentile", "value") }} as clv_segment,
        coalesce(
            journeys.onboarding_status,
            case when first_journey.start_date <= current_day.as_of_date then 'not_started' end
        ) as onboarding_status,
        journeys.started_at as onboarding_started_at,
        journeys.completed_at as onboarding_completed_at,
        round(
            100.0 * coalesce(completed_steps.step_count, 0) / nullif(journeys.step_count, 0), 2
        ) as onboarding_completion_rate,
        current_day.has_active_subscription,
        current_day.subscription_count,
        round(current_day.subscription_mrr, 2) as subscription_mrr,
        case
            when first_subscriptions.first_subscription_date <= current_day.as_of_date
                then first_subscriptions.first_subscription_date
        end as first_subscription_date,
        engagement.nps_score,
        engagement.nps_category,
        engagement.nps_collected_at,
        engagement.csat_score,
        case
            when first_accounts.tier_qualified_date > current_day.as_of_date then lowest_tier.tier_code
            else first_accounts.tier_code
        end as loyalty_tier,
        first_accounts.points_balance as loyalty_points,
        first_accounts.points_lifetime as loyalty_points_lifetime,
        case
            when current_day.stage = 'churned'
                then {{ start_of_day(
                    "greatest(current_day.last_order_date + current_day.churned_from_days,"
                    ~ " current_day.last_subscription_date)"
                ) }}
        end as churned_at,
        {{ start_of_day("current_day.won_back_date") }} as won_back_at,
        current_day.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from current_day
    left join states as day_before
        on
            current_day.as_of_date - 1 = day_before.as_of_date
            and current_day.customer_sk = day_before.customer_sk
    left join states as month_before
        on
            current_day.as_of_date - 30 = month_before.as_of_date
            and current_day.customer_sk = month_before.customer_sk
    left join order_days
        on
            current_day.customer_sk = order_days.customer_sk
            and current_day.known_from = order_days.known_from
            and current_day.last_order_date = order_days.order_date
    inner join arrivals on current_day.customer_sk = arrivals.customer_sk
    inner join engagement
        on current_day.as_of_date = engagement.as_of_date and current_day.customer_sk = engagement.customer_sk
    left join values_of_customers
        on
            current_day.as_of_date = values_of_customers.as_of_date
            and current_day.customer_sk = values_of_customers.customer_sk
    left join journeys
        on current_day.as_of_date = journeys.as_of_date and current_day.customer_sk = journeys.customer_sk
    left join completed_steps
        on
            current_day.as_of_date = completed_steps.as_of_date
            and current_day.customer_sk = completed_steps.customer_sk
    left join first_subscriptions on current_day.customer_sk = first_subscriptions.customer_sk
    left join first_accounts
        on current_day.customer_sk = first_accounts.customer_sk and current_day.as_of_date >= first_accounts.join_date
    left join spend_crossings
        on
            current_day.as_of_date = spend_crossings.as_of_date
            and current_day.customer_sk = spend_crossings.customer_sk
    cross join first_journey
    cross join lowest_tier
    cross join warehouse
)

select * from final
