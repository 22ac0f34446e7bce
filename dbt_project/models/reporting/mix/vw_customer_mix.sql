with mix as (
    select * from {{ published("customer_mix") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        mix.as_of_date,
        mix.rfm_segment,
        mix.tier_name,
        mix.current_stage,
        mix.churn_risk_category,
        mix.is_already_silent,
        mix.country,
        mix.acquisition_channel,
        mix.recency_score,
        mix.frequency_score,
        mix.customer_count,
        mix.buyer_count,
        mix.order_count_365_days,
        mix.total_spend_365_days,
        mix.days_since_last_order_sum,
        mix.active_30_day_count,
        mix.silent_90_day_count,
        mix.total_revenue,
        mix.valued_count,
        mix.historical_clv,
        mix.predicted_clv_1_year,
        mix.predicted_clv_lifetime,
        mix.clv_to_cac_ratio_sum,
        mix.clv_to_cac_ratio_count,
        mix.tenure_months_sum,
        mix.scored_count,
        mix.expected_churner_count,
        mix.value_at_risk,
        mix.new_alert_count,
        mix.declining_count,
        sum(mix.buyer_count) over (partition by mix.as_of_date)::bigint as buyers_of_day,
        mix.is_reconstructed,
        warehouse.reporting_currency
    from mix
    cross join warehouse
)

select * from final
