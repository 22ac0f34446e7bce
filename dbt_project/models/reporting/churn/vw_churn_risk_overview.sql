with churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
),

values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

summed as (
    select
        churn_risks.as_of_date,
        churn_risks.churn_risk_category,
        not churn_risks.is_already_silent as is_still_active,
        count(*) as customer_count,
        round(sum(churn_risks.churn_probability), 1) as expected_churners,
        sum(values_of_customers.predicted_clv_lifetime) as total_clv_at_risk,
        round(avg(values_of_customers.predicted_clv_lifetime), 2) as avg_clv_at_risk,
        sum(churn_risks.value_at_risk) as value_at_risk,
        round(avg(churn_risks.days_since_last_order), 1) as avg_days_inactive,
        round(avg(churn_risks.orders_last_90_days), 2) as avg_orders_90d,
        round(avg(churn_risks.spend_last_90_days), 2) as avg_spend_90d,
        count(*) filter (where churn_risks.order_frequency_trend = 'decreasing') as declining_frequency,
        count(*) filter (where churn_risks.spend_trend = 'decreasing') as declining_spend,
        count(*) filter (where churn_risks.is_new_alert) as new_alerts
    from churn_risks
    left join values_of_customers
        on
            churn_risks.as_of_date = values_of_customers.as_of_date
            and churn_risks.customer_sk = values_of_customers.customer_sk
    group by churn_risks.as_of_date, churn_risks.churn_risk_category, churn_risks.is_already_silent
),

final as (
    select
        summed.*,
        round(
            100.0 * summed.customer_count / sum(summed.customer_count) over (partition by summed.as_of_date), 1
        ) as pct_of_customers,
        warehouse.reporting_currency
    from summed
    cross join warehouse
)

select * from final
