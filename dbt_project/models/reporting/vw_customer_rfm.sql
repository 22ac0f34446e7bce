with rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        rfm.as_of_date,
        customers.customer_code,
        segments.segment_name as rfm_segment,
        segments.value_tier,
        rfm.rfm_score::text as rfm_score,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.days_since_last_order,
        rfm.last_order_date,
        rfm.order_count_365_days,
        rfm.total_spend_365_days,
        rfm.avg_order_value,
        rfm.avg_days_between_orders,
        customers.country_name as country,
        customers.is_company,
        groups_of_customers.tier_name,
        groups_of_customers.acquisition_channel,
        rfm.rfm_score_change::text as rfm_score_change,
        rfm.segment_changed,
        rfm.is_reconstructed,
        warehouse.reporting_currency
    from rfm
    inner join customers
        on
            rfm.customer_sk = customers.customer_sk
            and rfm.as_of_date between customers.valid_from_date and customers.valid_to_date
    left join groups_of_customers
        on rfm.as_of_date = groups_of_customers.as_of_date and rfm.customer_sk = groups_of_customers.customer_sk
    inner join segments on rfm.rfm_segment_sk = segments.segment_sk
    cross join warehouse
)

select * from final
