with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

lifetime_values as (
    select * from {{ published("fact_customer_ltv") }} as facts
),

churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
),

propensities as (
    select * from {{ published("fact_customer_propensity") }} as facts
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

tiers as (
    select * from {{ published("dim_customer_tier") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        lifecycle.as_of_date,
        customers.customer_code,
        customers.country_name as country,
        customers.city,
        customers.is_company,
        lifecycle.current_stage,
        lifecycle.clm_stage,
        lifecycle.recommended_actions,
        segments.segment_name as rfm_segment,
        rfm.rfm_score::text as rfm_score,
        tiers.tier_name,
        lifecycle.first_order_date,
        lifecycle.last_order_date,
        lifecycle.days_since_last_order,
        lifecycle.total_orders,
        lifecycle.total_revenue,
        rfm.order_count_365_days,
        rfm.total_spend_365_days,
        rfm.avg_order_value,
        lifetime_values.historical_clv,
        lifetime_values.predicted_clv_1_year,
        lifetime_values.clv_p10,
        lifetime_values.clv_p90,
        lifetime_values.predicted_clv_lifetime,
        lifetime_values.value_percentile,
        lifetime_values.clv_trend,
        churn_risks.churn_risk_category,
        churn_risks.churn_risk_score,
        churn_risks.churn_probability,
        churn_risks.value_at_risk,
        churn_risks.top_churn_factor_1,
        churn_risks.top_churn_factor_2,
        churn_risks.top_churn_factor_3,
        churn_risks.recommended_action,
        propensities.purchase_probability_30,
        lifecycle.engagement_score,
        lifecycle.engagement_trend,
        lifecycle.health_score,
        lifecycle.nps_score,
        lifecycle.csat_score,
        lifecycle.loyalty_tier,
        lifecycle.loyalty_points,
        lifecycle.has_active_subscription,
        lifecycle.subscription_mrr,
        lifecycle.is_reconstructed,
        warehouse.reporting_currency
    from lifecycle
    inner join customers
        on
            lifecycle.customer_sk = customers.customer_sk
            and lifecycle.as_of_date between customers.valid_from_date and customers.valid_to_date
    left join rfm on lifecycle.as_of_date = rfm.as_of_date and lifecycle.customer_sk = rfm.customer_sk
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    left join lifetime_values
        on lifecycle.as_of_date = lifetime_values.as_of_date and lifecycle.customer_sk = lifetime_values.customer_sk
    left join tiers on lifetime_values.tier_sk = tiers.tier_sk
    left join churn_risks
        on lifecycle.as_of_date = churn_risks.as_of_date and lifecycle.customer_sk = churn_risks.customer_sk
    left join propensities
        on lifecycle.as_of_date = propensities.as_of_date and lifecycle.customer_sk = propensities.customer_sk
    cross join warehouse
)

select * from final
