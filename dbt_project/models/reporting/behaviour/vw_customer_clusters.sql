with clusters as (
    select * from {{ published("customer_cluster") }} as facts
),

rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

propensities as (
    select * from {{ published("fact_customer_propensity") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

summed as (
    select
        clusters.as_of_date,
        clusters.cluster_number,
        clusters.cluster_name,
        min(clusters.model_version) as model_version,
        count(*) as customer_count,
        sum(rfm.total_spend_365_days) as total_revenue_365,
        round(avg(rfm.order_count_365_days), 2) as avg_orders_365,
        round(avg(rfm.days_since_last_order), 1) as avg_days_since_last_order,
        round(avg(propensities.purchase_probability_30), 4) as avg_purchase_probability_30
    from clusters
    left join rfm on clusters.as_of_date = rfm.as_of_date and clusters.customer_sk = rfm.customer_sk
    left join propensities
        on clusters.as_of_date = propensities.as_of_date and clusters.customer_sk = propensities.customer_sk
    group by clusters.as_of_date, clusters.cluster_number, clusters.cluster_name
),

final as (
    select
        summed.*,
        round(
            100.0 * summed.customer_count / sum(summed.customer_count) over (partition by summed.as_of_date), 1
        ) as pct_of_customers,
        warehouse.reporting_currency
    from summed
    cross join warehouse
)

select * from final
