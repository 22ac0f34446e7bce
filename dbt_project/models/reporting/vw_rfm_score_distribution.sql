with rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        rfm.as_of_date,
        rfm.rfm_score::text as rfm_score,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        segments.segment_name,
        segments.segment_name as rfm_segment,
        count(*) as customer_count,
        sum(rfm.total_spend_365_days) as total_revenue,
        avg(rfm.avg_order_value) as avg_aov,
        rfm.recency_score as r_axis,
        rfm.frequency_score as f_axis,
        sum(rfm.total_spend_365_days) as heat_value,
        warehouse.reporting_currency
    from rfm
    inner join segments on rfm.rfm_segment_sk = segments.segment_sk
    cross join warehouse
    group by
        rfm.as_of_date,
        rfm.rfm_score,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        segments.segment_name,
        warehouse.reporting_currency
)

select * from final
