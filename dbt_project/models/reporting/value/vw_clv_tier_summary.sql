with values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
),

tiers as (
    select * from {{ published("dim_customer_tier") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

summed as (
    select
        values_of_customers.as_of_date,
        values_of_customers.tier_sk,
        count(*) as customer_count,
        sum(values_of_customers.historical_clv) as total_historical_value,
        sum(values_of_customers.predicted_clv_lifetime) as total_predicted_value,
        round(avg(values_of_customers.historical_clv), 2) as avg_historical_clv,
        round(avg(values_of_customers.predicted_clv_1_year), 2) as avg_predicted_clv_1_year,
        round(avg(values_of_customers.predicted_clv_lifetime), 2) as avg_predicted_clv,
        round(avg(values_of_customers.clv_to_cac_ratio), 2) as avg_clv_cac_ratio,
        round(avg(values_of_customers.tenure_months), 1) as avg_tenure_months
    from values_of_customers
    group by values_of_customers.as_of_date, values_of_customers.tier_sk
),

final as (
    select
        summed.as_of_date,
        tiers.tier_name,
        tiers.tier_level,
        summed.customer_count,
        round(
            100.0 * summed.customer_count / sum(summed.customer_count) over (partition by summed.as_of_date), 1
        ) as pct_of_customers,
        summed.total_historical_value,
        summed.total_predicted_value,
        summed.avg_historical_clv,
        summed.avg_predicted_clv_1_year,
        summed.avg_predicted_clv,
        summed.avg_clv_cac_ratio,
        summed.avg_tenure_months,
        round(
            100 * summed.total_historical_value
            / nullif(sum(summed.total_historical_value) over (partition by summed.as_of_date), 0), 1
        ) as pct_of_total_value,
        warehouse.reporting_currency
    from summed
    left join tiers on summed.tier_sk = tiers.tier_sk
    cross join warehouse
)

select * from final
