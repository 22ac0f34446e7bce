{{ config(materialized="permanent_view") }}

with campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
    where removed_date is null
),

steps as (
    select * from {{ ref("stg_ops__campaign_step") }}
),

segments as (
    select * from {{ ref("stg_scores__segment_definition") }}
    where removed_date is null
),

final as (
    select
        steps.list_name,
        'campaign' as kind,
        campaigns.campaign_name,
        steps.step,
        steps.channel,
        campaigns.is_service,
        campaigns.category,
        campaigns.priority,
        campaigns.max_sends,
        campaigns.max_sends_days,
        campaigns.campaign_title
        || case
            when count(*) over (partition by campaigns.campaign_name) > 1 then ', step ' || steps.step
            else ''
        end as title
    from campaigns
    inner join steps on campaigns.campaign_name = steps.campaign_name
    union all
    select
        'segment_' || segments.segment_name as list_name,
        'segment' as kind,
        null::text as campaign_name,
        null::integer as step,
        'email' as channel,
        false as is_service,
        'marketing' as category,
        null::integer as priority,
        null::integer as max_sends,
        null::integer as max_sends_days,
        segments.segment_title as title
    from segments
)

select * from final
