{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with classified as (
    select * from {{ ref("rfm_customer_segments") }}
),

current_day as (
    select * from classified
    where classified.as_of_date in ({{ as_of_dates() }})
),

previous_day as (
    select
        classified.as_of_date + 1 as as_of_date,
        classified.customer_sk,
        classified.rfm_score,
        classified.rfm_segment_sk
    from classified
),

final as (
    select
        {{ surrogate_key(["'rfm'", "current_day.as_of_date", "current_day.customer_sk"]) }} as rfm_sk,
        {{ date_key("current_day.as_of_date") }} as date_sk,
        current_day.as_of_date,
        current_day.customer_sk,
        current_day.days_since_last_order,
        current_day.last_order_date,
        current_day.recency_score,
        current_day.order_count_365_days,
        current_day.order_count_180_days,
        current_day.order_count_90_days,
        current_day.avg_days_between_orders,
        current_day.frequency_score,
        current_day.total_spend_365_days,
        current_day.total_spend_180_days,
        current_day.total_spend_90_days,
        current_day.avg_order_value,
        current_day.monetary_score,
        current_day.rfm_score,
        current_day.rfm_segment_sk,
        current_day.recency_score * 100 + current_day.frequency_score * 10 + current_day.monetary_score
            as rfm_composite_score,
        current_day.recency_percentile,
        current_day.frequency_percentile,
        current_day.monetary_percentile,
        case
            when previous_day.rfm_score <> current_day.rfm_score
                then previous_day.rfm_score || '->' || current_day.rfm_score
        end as rfm_score_change,
        coalesce(previous_day.rfm_segment_sk <> current_day.rfm_segment_sk, false) as segment_changed,
        current_day.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from current_day
    left join previous_day
        on current_day.as_of_date = previous_day.as_of_date and current_day.customer_sk = previous_day.customer_sk
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
