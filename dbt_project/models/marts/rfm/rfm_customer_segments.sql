with scores as (
    select * from {{ ref("rfm_customer_scores") }}
),

segment_map as (
    select * from {{ ref("rfm_segment_map") }}
),

segments as (
    select * from {{ latest("dim_customer_segment") }}
),

-- A customer whose last order left the window is Lost, whatever the map says of 111.
final as (
    select
        scores.*,
        (scores.recency_score::text || scores.frequency_score || scores.monetary_score) as rfm_score,
        segments.segment_sk as rfm_segment_sk
    from scores
    inner join segment_map
        on
            scores.recency_score = segment_map.recency_score
            and scores.frequency_score = segment_map.frequency_score
            and scores.monetary_score = segment_map.monetary_score
    inner join segments
        on
            case
                when scores.order_count_365_days > 0 then segment_map.segment_code
                else 'LOST'
            end = segments.segment_code
)

select * from final
