{{ config(key=["campaign_sk"]) }}

with campaigns as (
    select * from {{ ref("int_campaigns__campaigns") }}
),

segments as (
    select * from {{ latest("dim_customer_segment") }} as dimension
),

final as (
    select
        campaigns.campaign_sk,
        campaigns.campaign_source,
        campaigns.campaign_id,
        campaigns.campaign_code,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.channel_code as campaign_channel,
        segments.segment_sk as target_segment_sk,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.budget,
        campaigns.status,
        campaigns.created_date
    from campaigns
    left join segments on campaigns.target_segment_code = segments.segment_code
)

select * from final
