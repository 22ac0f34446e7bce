with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

tiers_of_customers as (
    select * from {{ published("customer_tier") }} as facts
),

value_segments as (
    select * from {{ published("customer_value_segment") }} as facts
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
),

tiers as (
    select * from {{ published("dim_customer_tier") }} as dimension
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        lifecycle.as_of_date,
        customers.customer_code,
        customers.country_name as country,
        customers.is_company,
        groups_of_customers.rfm_segment,
        groups_of_customers.acquisition_channel,
        lifecycle.current_stage,
        lifecycle.previous_stage,
        lifecycle.stage_changed,
        lifecycle.retention_state,
        lifecycle.retention_state_since_date,
        lifecycle.clm_stage,
        lifecycle.recommended_actions,
        lifecycle.days_as_customer,
        lifecycle.total_orders,
        lifecycle.total_revenue,
        lifecycle.first_order_date,
        lifecycle.last_order_date,
        lifecycle.days_since_last_order,
        lifecycle.day_limit_factor,
        lifecycle.engagement_score,
        lifecycle.engagement_trend,
        lifecycle.health_score,
        lifecycle.churn_risk_score,
        lifecycle.rule_churn_score,
        lifecycle.clv_segment,
        value_segments.value_score,
        value_segments.value_segment,
        tiers.tier_name as customer_tier,
        tiers.tier_level as customer_tier_level,
        lifecycle.onboarding_status,
        lifecycle.onboarding_completion_rate,
        lifecycle.has_active_subscription,
        lifecycle.subscription_mrr,
        lifecycle.nps_score,
        lifecycle.nps_category,
        lifecycle.csat_score,
        lifecycle.loyalty_tier,
        lifecycle.loyalty_points,
        lifecycle.churned_at,
        lifecycle.won_back_at,
        lifecycle.is_reconstructed,
        warehouse.reporting_currency
    from lifecycle
    inner join customers
        on
            lifecycle.customer_sk = customers.customer_sk
            and lifecycle.as_of_date between customers.valid_from_date and customers.valid_to_date
    left join groups_of_customers
        on
            lifecycle.as_of_date = groups_of_customers.as_of_date
            and lifecycle.customer_sk = groups_of_customers.customer_sk
    left join value_segments
        on
            lifecycle.as_of_date = value_segments.as_of_date
            and lifecycle.customer_sk = value_segments.customer_sk
    left join tiers_of_customers
        on
            lifecycle.as_of_date = tiers_of_customers.as_of_date
            and lifecycle.customer_sk = tiers_of_customers.customer_sk
    left join tiers on tiers_of_customers.tier_sk = tiers.tier_sk
    cross join warehouse
)

select * from final
