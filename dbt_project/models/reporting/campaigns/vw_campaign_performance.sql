with performance as (
    select * from {{ published("fact_campaign_performance") }} as facts
),

campaigns as (
    select * from {{ published("dim_campaign") }} as dimension
),

channels as (
    select * from {{ published("dim_interaction_channel") }} as dimension
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

final as (
    select
        performance.as_of_date,
        campaigns.campaign_code,
        campaigns.campaign_name,
        campaigns.campaign_type,
        channels.channel_name as campaign_channel,
        segments.segment_name as target_segment,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.status,
        campaigns.budget,
        performance.audience_size,
        performance.impressions,
        performance.unique_reach,
        performance.opens,
        performance.clicks,
        performance.click_through_rate,
        performance.engagement_rate,
        performance.leads_generated,
        performance.conversions,
        performance.conversion_rate,
        performance.orders_attributed,
        performance.revenue_attributed,
        performance.spend,
        performance.cost_per_impression,
        performance.cost_per_click,
        performance.cost_per_lead,
        performance.cost_per_acquisition,
        performance.roi_percentage,
        performance.roas,
        performance.is_reconstructed,
        warehouse.reporting_currency
    from performance
    inner join campaigns on performance.campaign_sk = campaigns.campaign_sk
    left join channels on campaigns.campaign_channel = channels.channel_code
    left join segments on campaigns.target_segment_sk = segments.segment_sk
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
