with cohorts as (
    select * from {{ published("customer_cohort") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

summed as (
    select
        cohorts.as_of_date,
        cohorts.activity_month,
        bool_and(cohorts.is_complete_month) as is_complete_month,
        sum(cohorts.net_revenue) as net_revenue,
        sum(cohorts.net_revenue) filter (where cohorts.months_since_acquisition = 0) as net_revenue_of_new,
        sum(cohorts.order_count)::bigint as order_count,
        sum(cohorts.active_customers)::bigint as active_customers,
        coalesce(
            sum(cohorts.cohort_size) filter (where cohorts.months_since_acquisition = 0), 0
        )::bigint as new_customers
    from cohorts
    group by cohorts.as_of_date, cohorts.activity_month
),

final as (
    select
        summed.as_of_date,
        summed.activity_month as month_start_date,
        summed.is_complete_month,
        summed.net_revenue,
        coalesce(summed.net_revenue_of_new, 0) as net_revenue_of_new,
        summed.order_count,
        summed.active_customers,
        summed.new_customers,
        warehouse.reporting_currency
    from summed
    cross join warehouse
)

select * from final
