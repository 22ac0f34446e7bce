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

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        lifecycle.as_of_date as score_date,
        customers.customer_code,
        lifecycle.current_stage,
        segments.segment_name as rfm_segment,
        rfm.rfm_score::text as rfm_score,
        lifecycle.engagement_score,
        lifecycle.health_score,
        churn_risks.churn_probability,
        lifetime_values.predicted_clv_1_year,
        lifecycle.total_revenue,
        lifecycle.is_reconstructed,
        warehouse.reporting_currency
    from lifecycle
    inner join customers on lifecycle.customer_sk = customers.customer_sk
    left join rfm on lifecycle.as_of_date = rfm.as_of_date and lifecycle.customer_sk = rfm.customer_sk
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    left join lifetime_values
        on lifecycle.as_of_date = lifetime_values.as_of_date and lifecycle.customer_sk = lifetime_values.customer_sk
    left join churn_risks
        on lifecycle.as_of_date = churn_risks.as_of_date and lifecycle.customer_sk = churn_risks.customer_sk
    cross join warehouse
)

select * from final
