with rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

summed as (
    select
        rfm.as_of_date,
        rfm.rfm_segment_sk,
        count(*) as customer_count,
        sum(rfm.order_count_365_days) as total_orders_365,
        sum(rfm.total_spend_365_days) as total_revenue_365,
        round(avg(rfm.total_spend_365_days), 2) as avg_revenue_per_customer,
        round(avg(rfm.order_count_365_days), 1) as avg_orders_per_customer,
        round(avg(rfm.avg_order_value), 2) as avg_order_value,
        round(avg(rfm.days_since_last_order), 0) as avg_days_since_last_order,
        count(*) filter (where rfm.days_since_last_order <= 30) as active_last_30_days,
        count(*) filter (where rfm.days_since_last_order > 90) as inactive_over_90_days
    from rfm
    group by rfm.as_of_date, rfm.rfm_segment_sk
),

final as (
    select
        summed.as_of_date,
        segments.segment_name as rfm_segment,
        summed.customer_count,
        round(
            100.0 * summed.customer_count / sum(summed.customer_count) over (partition by summed.as_of_date), 1
        ) as pct_of_customers,
        summed.total_revenue_365,
        summed.avg_revenue_per_customer,
        summed.avg_orders_per_customer,
        summed.avg_order_value,
        summed.avg_days_since_last_order,
        summed.active_last_30_days,
        summed.inactive_over_90_days,
        segments.value_tier,
        summed.total_orders_365,
        sum(summed.customer_count) over (partition by summed.as_of_date) as customers_of_day,
        warehouse.reporting_currency
    from summed
    inner join segments on summed.rfm_segment_sk = segments.segment_sk
    cross join warehouse
)

select * from final
