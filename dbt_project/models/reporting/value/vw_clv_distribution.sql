with values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
    where facts.predicted_clv_lifetime is not null
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

-- Buckets begin at 1, 2 and 5 times a power of ten: the same steps in every currency.
magnitudes as (
    select
        values_of_customers.*,
        case
            when values_of_customers.predicted_clv_lifetime >= 1
                then power(10::numeric, floor(log(values_of_customers.predicted_clv_lifetime)))
        end as magnitude
    from values_of_customers
),

bucketed as (
    select
        magnitudes.*,
        case
            when magnitudes.magnitude is null then 0
            when magnitudes.predicted_clv_lifetime >= 5 * magnitudes.magnitude then 5 * magnitudes.magnitude
            when magnitudes.predicted_clv_lifetime >= 2 * magnitudes.magnitude then 2 * magnitudes.magnitude
            else magnitudes.magnitude
        end as bucket_from,
        case
            when magnitudes.magnitude is null then 1
            when magnitudes.predicted_clv_lifetime >= 5 * magnitudes.magnitude then 10 * magnitudes.magnitude
            when magnitudes.predicted_clv_lifetime >= 2 * magnitudes.magnitude then 5 * magnitudes.magnitude
            else 2 * magnitudes.magnitude
        end as bucket_to
    from magnitudes
),

summed as (
    select
        bucketed.as_of_date,
        bucketed.bucket_from,
        bucketed.bucket_to,
        count(*) as customer_count,
        sum(bucketed.historical_clv) as total_historical_value,
        sum(bucketed.predicted_clv_lifetime) as total_predicted_value,
        round(avg(bucketed.avg_order_value), 2) as avg_aov,
        round(avg(bucketed.avg_orders_per_month), 2) as avg_monthly_orders,
        round(avg(bucketed.tenure_months), 1) as avg_tenure_months
    from bucketed
    group by bucketed.as_of_date, bucketed.bucket_from, bucketed.bucket_to
),

final as (
    select
        summed.as_of_date,
        trim(to_char(summed.bucket_from, 'FM999,999,999,990')) || ' to under '
        || trim(to_char(summed.bucket_to, 'FM999,999,999,990')) || ' ' || warehouse.reporting_currency as clv_bucket,
        summed.bucket_from,
        summed.customer_count,
        summed.total_historical_value,
        summed.total_predicted_value,
        summed.avg_aov,
        summed.avg_monthly_orders,
        summed.avg_tenure_months,
        warehouse.reporting_currency
    from summed
    cross join warehouse
)

select * from final
