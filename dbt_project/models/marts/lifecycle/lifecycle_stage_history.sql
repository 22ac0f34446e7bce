{{
    config(
        key=["as_of_date", "customer_sk", "vocabulary"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["customer_sk"]],
    )
}}

{# Both days of a change are computed here and now, so a day gives the same rows however often and in whatever company
   it is built. #}
with states as (
    select * from {{ ref("customer_states") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

changed as (
    select
        current_day.*,
        day_before.stage as previous_stage,
        day_before.retention_state as previous_retention_state,
        day_before.clm_stage as previous_clm_stage
    from states as current_day
    left join states as day_before
        on
            current_day.as_of_date - 1 = day_before.as_of_date
            and current_day.customer_sk = day_before.customer_sk
    where
        current_day.as_of_date in ({{ as_of_dates() }})
        and (
            current_day.stage is distinct from day_before.stage
            or current_day.retention_state is distinct from day_before.retention_state
            or current_day.clm_stage is distinct from day_before.clm_stage
        )
),

transitions as (
    select
        changed.as_of_date,
        changed.customer_sk,
        changed.is_event,
        vocabularies.*
    from changed
    cross join
        lateral (
            values
            (
                'stage',
                changed.previous_stage,
                changed.stage,
                jsonb_build_object(
                    'days_since_last_order', changed.days_since_last_order,
                    'at_risk_from_days', changed.at_risk_from_days,
                    'dormant_from_days', changed.dormant_from_days,
                    'churned_from_days', changed.churned_from_days,
                    'order_count', changed.order_count,
                    'engagement_score', changed.engagement_score,
                    'rule_churn_score', changed.rule_churn_score,
                    'active_subscriptions', changed.subscription_count
                )
            ),
            (
                'retention_state',
                changed.previous_retention_state,
                changed.retention_state,
                jsonb_build_object(
                    'days_since_last_order', changed.days_since_last_order,
                    'order_count', changed.order_count,
                    'total_revenue', round(changed.total_revenue, 2),
                    'vip_spend', changed.vip_spend
                )
            ),
            (
                'clm_stage',
                changed.previous_clm_stage,
                changed.clm_stage,
                jsonb_build_object(
                    'stage', changed.stage,
                    'engagement_trend', changed.engagement_trend,
                    'order_count', changed.order_count
                )
            )
        ) as vocabularies (vocabulary, from_stage, to_stage, details)
    where vocabularies.from_stage is distinct from vocabularies.to_stage
),

final as (
    select
        {{ surrogate_key(
            ["'stage history'", "transitions.as_of_date", "transitions.customer_sk", "transitions.vocabulary"]
        ) }} as stage_history_sk,
        {{ date_key("transitions.as_of_date") }} as date_sk,
        transitions.as_of_date,
        transitions.customer_sk,
        {{ surrogate_key(["'lifecycle'", "transitions.as_of_date", "transitions.customer_sk"]) }} as lifecycle_sk,
        transitions.vocabulary,
        transitions.from_stage,
        transitions.to_stage,
        case when transitions.is_event then 'event' else 'scheduled' end as trigger_type,
        jsonb_strip_nulls(transitions.details)::text as trigger_details,
        {{ start_of_day("transitions.as_of_date") }} as transitioned_at,
        transitions.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from transitions
    cross join warehouse
)

select * from final
