{{ config(key=["segment_sk"]) }}

with segments as (
    select * from {{ ref("customer_segment") }}
),

final as (
    select
        segments.segment_sk,
        segments.segment_code,
        segments.segment_name,
        segments.segment_description,
        segments.segment_type,
        segments.segment_criteria,
        segments.target_marketing_strategy,
        segments.retention_priority,
        segments.value_tier,
        segments.is_active
    from segments
)

select * from final
