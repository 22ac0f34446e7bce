with cohorts as (
    select * from {{ published("customer_cohort") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        cohorts.as_of_date,
        cohorts.cohort_month,
        cohorts.months_since_acquisition,
        cohorts.active_customers,
        cohorts.net_revenue as cohort_revenue,
        round(cohorts.net_revenue / nullif(cohorts.active_customers, 0), 2) as avg_revenue_per_customer,
        cohorts.activity_month,
        cohorts.is_complete_month,
        cohorts.cohort_size,
        round(cohorts.active_customers::numeric / cohorts.cohort_size, 4) as retention_rate,
        cohorts.order_count,
        cohorts.cumulative_net_revenue as cumulative_revenue,
        round(cohorts.cumulative_net_revenue / cohorts.cohort_size, 2) as cumulative_revenue_per_cohort_customer,
        cohorts.is_reconstructed,
        warehouse.reporting_currency
    from cohorts
    cross join warehouse
)

select * from final
