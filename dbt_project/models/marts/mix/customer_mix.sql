{{
    config(
        key=[
            "as_of_date",
            "rfm_segment",
            "tier_name",
            "current_stage",
            "churn_risk_category",
            "is_already_silent",
            "country",
            "acquisition_channel",
            "recency_score",
            "frequency_score",
        ],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with lifecycle as (
    select * from {{ latest("customer_lifecycle") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

rfm as (
    select * from {{ latest("fact_customer_rfm") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

churn_risks as (
    select * from {{ latest("fact_customer_churn_risk") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

groups_of_customers as (
    select * from {{ latest("customer_group") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

final as (
    select
        {{ date_key("lifecycle.as_of_date") }} as date_sk,
        lifecycle.as_of_date,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        lifecycle.current_stage,
        coalesce(churn_risks.churn_risk_category, 'No score') as churn_risk_category,
        coalesce(churn_risks.is_already_silent, false) as is_already_silent,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        coalesce(rfm.recency_score, 0) as recency_score,
        coalesce(rfm.frequency_score, 0) as frequency_score,
        count(*) as customer_count,
        count(rfm.customer_sk) as buyer_count,
        coalesce(sum(rfm.order_count_365_days), 0) as order_count_365_days,
        coalesce(sum(rfm.total_spend_365_days), 0) as total_spend_365_days,
        coalesce(sum(rfm.days_since_last_order), 0) as days_since_last_order_sum,
        count(*) filter (where rfm.days_since_last_order <= 30) as active_30_day_count,
        count(*) filter (where rfm.days_since_last_order > 90) as silent_90_day_count,
        sum(lifecycle.total_revenue) as total_revenue,
        count(values_of_customers.customer_sk) as valued_count,
        sum(values_of_customers.historical_clv) as historical_clv,
        sum(values_of_customers.predicted_clv_1_year) as predicted_clv_1_year,
        sum(values_of_customers.predicted_clv_lifetime) as predicted_clv_lifetime,
        sum(values_of_customers.clv_to_cac_ratio) as clv_to_cac_ratio_sum,
        count(values_of_customers.clv_to_cac_ratio) as clv_to_cac_ratio_count,
        coalesce(sum(values_of_customers.tenure_months), 0) as tenure_months_sum,
        count(churn_risks.customer_sk) as scored_count,
        coalesce(sum(churn_risks.churn_probability), 0) as expected_churner_count,
        sum(churn_risks.value_at_risk) as value_at_risk,
        count(*) filter (where churn_risks.is_new_alert) as new_alert_count,
        count(*) filter (where churn_risks.order_frequency_trend = 'decreasing') as declining_count,
        bool_or(lifecycle.is_reconstructed) as is_reconstructed
    from lifecycle
    inner join groups_of_customers
        on
            lifecycle.as_of_date = groups_of_customers.as_of_date
            and lifecycle.customer_sk = groups_of_customers.customer_sk
    left join rfm on lifecycle.as_of_date = rfm.as_of_date and lifecycle.customer_sk = rfm.customer_sk
    left join values_of_customers
        on
            lifecycle.as_of_date = values_of_customers.as_of_date
            and lifecycle.customer_sk = values_of_customers.customer_sk
    left join churn_risks
        on lifecycle.as_of_date = churn_risks.as_of_date and lifecycle.customer_sk = churn_risks.customer_sk
    group by
        lifecycle.as_of_date,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        lifecycle.current_stage,
        churn_risks.churn_risk_category,
        coalesce(churn_risks.is_already_silent, false),
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        rfm.recency_score,
        rfm.frequency_score
)

select * from final
