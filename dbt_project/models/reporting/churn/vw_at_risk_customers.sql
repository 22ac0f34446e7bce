with churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
    where facts.churn_risk_category in ('High', 'Critical')
),

values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
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
        churn_risks.as_of_date,
        customers.customer_code,
        customers.city,
        groups_of_customers.country,
        groups_of_customers.rfm_segment,
        groups_of_customers.acquisition_channel,
        tiers.tier_name as value_tier,
        churn_risks.churn_risk_category,
        churn_risks.churn_risk_score,
        churn_risks.churn_probability,
        churn_risks.churn_percentile,
        churn_risks.rule_churn_score,
        churn_risks.horizon_days,
        churn_risks.is_already_silent,
        churn_risks.is_single_order,
        churn_risks.days_since_last_order,
        churn_risks.orders_last_30_days,
        churn_risks.orders_last_90_days,
        churn_risks.spend_last_90_days,
        churn_risks.order_frequency_trend,
        churn_risks.spend_trend,
        churn_risks.top_churn_factor_1,
        churn_risks.top_churn_factor_2,
        churn_risks.top_churn_factor_3,
        churn_risks.recommended_action,
        churn_risks.value_at_risk,
        values_of_customers.predicted_clv_lifetime,
        values_of_customers.historical_clv,
        churn_risks.intervention_priority,
        churn_risks.is_new_alert,
        churn_risks.model_version,
        warehouse.reporting_currency
    from churn_risks
    inner join customers
        on
            churn_risks.customer_sk = customers.customer_sk
            and churn_risks.as_of_date between customers.valid_from_date and customers.valid_to_date
    -- Predictions outlast the rest of their day; a view shows whole days.
    inner join groups_of_customers
        on
            churn_risks.as_of_date = groups_of_customers.as_of_date
            and churn_risks.customer_sk = groups_of_customers.customer_sk
    left join values_of_customers
        on
            churn_risks.as_of_date = values_of_customers.as_of_date
            and churn_risks.customer_sk = values_of_customers.customer_sk
    left join tiers on values_of_customers.tier_sk = tiers.tier_sk
    cross join warehouse
)

select * from final
