with values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
    where facts.predicted_clv_lifetime is not null
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
),

tiers as (
    select * from {{ published("dim_customer_tier") }} as dimension
),

rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

ranked as (
    select
        values_of_customers.*,
        row_number() over (
            partition by values_of_customers.as_of_date
            order by values_of_customers.predicted_clv_lifetime desc, values_of_customers.customer_sk asc
        ) as value_rank
    from values_of_customers
),

final as (
    select
        ranked.as_of_date,
        ranked.value_rank,
        customers.customer_code,
        tiers.tier_name,
        segments.segment_name as rfm_segment,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        ranked.tenure_months,
        ranked.total_historical_orders,
        ranked.historical_clv,
        ranked.predicted_clv_1_year,
        ranked.predicted_clv_lifetime,
        ranked.clv_p10,
        ranked.clv_p90,
        ranked.clv_confidence_score,
        ranked.clv_method,
        ranked.avg_order_value,
        ranked.avg_orders_per_month,
        ranked.clv_to_cac_ratio,
        ranked.clv_trend,
        ranked.value_percentile,
        churn_risks.churn_risk_category,
        churn_risks.churn_risk_score,
        warehouse.reporting_currency
    from ranked
    inner join customers
        on
            ranked.customer_sk = customers.customer_sk
            and ranked.as_of_date between customers.valid_from_date and customers.valid_to_date
    -- Predictions outlast the rest of their day; a view shows whole days.
    inner join groups_of_customers
        on
            ranked.as_of_date = groups_of_customers.as_of_date
            and ranked.customer_sk = groups_of_customers.customer_sk
    left join tiers on ranked.tier_sk = tiers.tier_sk
    left join rfm on ranked.as_of_date = rfm.as_of_date and ranked.customer_sk = rfm.customer_sk
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    left join churn_risks
        on ranked.as_of_date = churn_risks.as_of_date and ranked.customer_sk = churn_risks.customer_sk
    cross join warehouse
    where ranked.value_rank <= 100
)

select * from final
