{{
    config(
        key=["as_of_date", "customer_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "tier_sk"]],
    )
}}

with features as (
    select * from {{ ref("customer_features") }}
    where as_of_date in ({{ as_of_dates() }})
),

scores as (
    select * from {{ ref("stg_scores__customer_value") }}
),

money as (
    select * from {{ ref("customer_money") }}
),

standings as (
    select * from {{ ref("customer_engagement_scores") }}
),

acquisitions as (
    select * from {{ latest("fact_customer_acquisition") }} as facts
),

tiers as (
    select * from {{ latest("customer_tier") }} as facts
),

measures as (
    select
        features.as_of_date,
        features.customer_sk,
        features.as_of_date - standings.first_order_date as tenure_days,
        -- Of the first day there is no rate yet; a shorter time than a month would inflate one.
        greatest((features.as_of_date - standings.first_order_date) / 30.436875, 1) as rate_months,
        money.net_total,
        money.margin_total,
        money.net_with_margin,
        money.value_total,
        money.value_basis,
        standings.order_count
    from features
    inner join standings
        on features.as_of_date = standings.as_of_date and features.customer_sk = standings.customer_sk
    inner join money on features.as_of_date = money.as_of_date and features.customer_sk = money.customer_sk
),

population as (
    select
        measures.*,
        scores.model_version,
        scores.clv_method,
        scores.probability_alive,
        scores.expected_purchases_90,
        scores.expected_purchases_365,
        scores.value_per_purchase,
        scores.predicted_clv_1_year,
        scores.predicted_clv_3_year,
        scores.predicted_clv_lifetime,
        scores.clv_p10,
        scores.clv_p90,
        scores.clv_confidence_score,
        100 * (scores.predicted_clv_lifetime - scores.clv_lifetime_30_days_ago)
        / nullif(scores.clv_lifetime_30_days_ago, 0) as change_percent,
        acquisitions.acquisition_cost,
        acquisitions.cac_payback_days,
        tiers.tier_sk
    from measures
    left join scores on measures.as_of_date = scores.as_of_date and measures.customer_sk = scores.customer_sk
    left join acquisitions
        on measures.as_of_date = acquisitions.as_of_date and measures.customer_sk = acquisitions.customer_sk
    left join tiers on measures.as_of_date = tiers.as_of_date and measures.customer_sk = tiers.customer_sk
),

ranked as (
    select
        population.*,
        count(population.predicted_clv_lifetime) over (partition by population.as_of_date) as customers,
        {{ double_mid_rank("population.predicted_clv_lifetime") }} as value_mid_rank
    from population
),

final as (
    select
        {{ surrogate_key(["'ltv'", "ranked.as_of_date", "ranked.customer_sk"]) }} as ltv_sk,
        {{ date_key("ranked.as_of_date") }} as date_sk,
        ranked.as_of_date,
        ranked.customer_sk,
        ranked.tenure_days,
        floor(ranked.tenure_days / 30.436875)::integer as tenure_months,
        round(ranked.net_total, 2) as total_historical_revenue,
        ranked.order_count as total_historical_orders,
        round(ranked.margin_total, 2) as total_historical_profit,
        round(ranked.net_total / ranked.order_count, 2) as avg_order_value,
        round(ranked.order_count / ranked.rate_months, 4) as avg_orders_per_month,
        round(100 * ranked.margin_total / nullif(ranked.net_with_margin, 0), 2) as avg_margin_percentage,
        round(ranked.net_total / ranked.rate_months, 2) as avg_monthly_revenue,
        round(ranked.value_total, 2) as historical_clv,
        ranked.value_basis,
        round(ranked.probability_alive::numeric, 4) as probability_alive,
        round(ranked.expected_purchases_90::numeric, 4) as expected_purchases_90,
        round(ranked.expected_purchases_365::numeric, 4) as expected_purchases_365,
        round(ranked.value_per_purchase::numeric, 2) as expected_value_per_purchase,
        round(ranked.predicted_clv_1_year::numeric, 2) as predicted_clv_1_year,
        round(ranked.predicted_clv_3_year::numeric, 2) as predicted_clv_3_year,
        round(ranked.predicted_clv_lifetime::numeric, 2) as predicted_clv_lifetime,
        round(ranked.clv_p10::numeric, 2) as clv_p10,
        round(ranked.clv_p90::numeric, 2) as clv_p90,
        round(ranked.clv_confidence_score::numeric, 2) as clv_confidence_score,
        ranked.clv_method,
        ranked.model_version,
        ranked.acquisition_cost,
        null::numeric as total_service_cost,
        round(ranked.value_total + ranked.predicted_clv_lifetime::numeric - ranked.acquisition_cost, 2)
            as net_customer_value,
        round(
            (ranked.value_total + ranked.predicted_clv_lifetime::numeric) / nullif(ranked.acquisition_cost, 0), 2
        ) as clv_to_cac_ratio,
        ranked.cac_payback_days,
        ranked.tier_sk,
        case
            when ranked.predicted_clv_lifetime is not null then {{ mid_rank_percentile("ranked.value_mid_rank") }}
        end as value_percentile,
        case
            when ranked.change_percent > 10 then 'increasing'
            when ranked.change_percent < -10 then 'decreasing'
            when ranked.change_percent is not null then 'stable'
        end as clv_trend,
        round(ranked.change_percent::numeric, 2) as clv_change_pct_30d,
        ranked.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from ranked
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
