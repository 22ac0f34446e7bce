{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with days as (
    {{ compared_days([0, 1, 30]) }}
),

scores as not materialized (
    select * from {{ ref("customer_engagement_scores") }}
),

rule_churn as (
    select * from {{ ref("customer_rule_churn") }}
),

churn_scores as (
    select * from {{ ref("stg_scores__customer_churn") }}
    where not is_rule
),

onboardings as (
    select * from {{ latest("fact_customer_onboarding") }} as facts
),

money_limits as (
    select * from {{ ref("lifecycle_threshold") }}
),

clm_stages as (
    select * from {{ ref("clm_stage_map") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

vip_limits as (
    select
        days.as_of_date,
        case
            when max(warehouse.reporting_currency) = max(money_limits.currency_code)
                then max(money_limits.threshold_value)
            else round(
                (
                    percentile_cont({{ threshold("vip_spend_quantile", "double precision") }}) within group (
                        order by scores.total_revenue
                    )
                )::numeric, 2
            )
        end as vip_spend
    from days
    inner join scores on days.as_of_date = scores.as_of_date
    cross join warehouse
    inner join money_limits on money_limits.threshold_code = 'vip_spend'
    where scores.order_count > 0
    group by days.as_of_date
),

probability_limits as (
    select
        churn_scores.as_of_date,
        percentile_cont({{ threshold("at_risk_model_quantile", "double precision") }}) within group (
            order by churn_scores.churn_probability
        ) as churn_probability
    from churn_scores
    group by churn_scores.as_of_date
),

journeys as (
    select
        days.as_of_date,
        onboardings.customer_sk,
        bool_or(coalesce(onboardings.end_date > days.as_of_date, true)) as has_journey,
        bool_or(days.as_of_date in (onboardings.start_date, onboardings.end_date)) as is_event
    from days
    inner join onboardings on days.as_of_date >= onboardings.start_date
    group by days.as_of_date, onboardings.customer_sk
),

measures as (
    select
        scores.*,
        scores.subscription_count > 0 as has_active_subscription,
        case
            when scores.engagement_score - earlier.engagement_score >= {{ threshold("engagement_trend_points") }}
                then 'increasing'
            when earlier.engagement_score - scores.engagement_score >= {{ threshold("engagement_trend_points") }}
                then 'decreasing'
            when earlier.engagement_score is not null then 'stable'
        end as engagement_trend,
        rule_churn.rule_churn_score,
        churn_scores.churn_probability,
        coalesce(churn_scores.churn_probability > probability_limits.churn_probability, false) as is_likely_to_churn,
        vip_limits.vip_spend,
        coalesce(journeys.has_journey, false) as has_journey,
        coalesce(scores.from_date = scores.as_of_date or journeys.is_event, false) as is_event
    from days
    inner join scores on days.as_of_date = scores.as_of_date
    left join scores as earlier
        on scores.as_of_date - 30 = earlier.as_of_date and scores.customer_sk = earlier.customer_sk
    left join rule_churn
        on scores.as_of_date = rule_churn.as_of_date and scores.customer_sk = rule_churn.customer_sk
    left join churn_scores
        on scores.as_of_date = churn_scores.as_of_date and scores.customer_sk = churn_scores.customer_sk
    left join probability_limits on scores.as_of_date = probability_limits.as_of_date
    left join vip_limits on scores.as_of_date = vip_limits.as_of_date
    left join journeys on scores.as_of_date = journeys.as_of_date and scores.customer_sk = journeys.customer_sk
),

-- First match decides (spec, section 6).
states as materialized (
    select
        measures.*,
        case
            when measures.order_count = 0 then 'acquired'
            when
                measures.days_since_last_order >= measures.churned_from_days
                and not measures.has_active_subscription
                then 'churned'
            when
                measures.days_since_last_order >= measures.dormant_from_days
                and not measures.has_active_subscription
                then 'dormant'
            when measures.as_of_date - measures.won_back_date < {{ threshold("won_back_days") }} then 'won_back'
            when
                (
                    measures.as_of_date - measures.first_order_date < {{ threshold("onboarding_days") }}
                    and measures.order_count < {{ threshold("onboarding_orders") }}
                )
                or measures.has_journey
                then 'onboarding'
            when
                measures.days_since_last_order between measures.at_risk_from_days and measures.dormant_from_days - 1
                or (
                    measures.order_day_count < {{ threshold("few_order_days") }}
                    and measures.rule_churn_score >= {{ threshold("at_risk_rule_score") }}
                )
                or measures.is_likely_to_churn
                then 'at_risk'
            when measures.is_engaged then 'engaged'
            else 'active'
        end as stage,
        case
            when measures.order_count = 0 then 'LEAD'
            when measures.days_since_last_order >= {{ threshold("retention_churned_days") }} then 'CHURNED'
            when measures.days_since_last_order >= {{ threshold("retention_at_risk_days") }} then 'AT_RISK'
            when measures.is_reactivated then 'REACTIVATED'
            when measures.total_revenue > measures.vip_spend then 'VIP'
            when measures.order_count >= 2 then 'REPEAT'
            else 'CUSTOMER'
        end as retention_state
    from measures
),

-- Who was not yet a customer 30 days ago has no trend; stable stands for it.
final as (
    select
        states.*,
        clm_stages.clm_stage,
        clm_stages.recommended_actions
    from states
    inner join clm_stages
        on
            states.stage = clm_stages.stage
            and clm_stages.engagement_trend in ('any', coalesce(states.engagement_trend, 'stable'))
            and states.order_count between clm_stages.min_orders and clm_stages.max_orders
)

select * from final
