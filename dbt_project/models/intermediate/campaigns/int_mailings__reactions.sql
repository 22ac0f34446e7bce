{{ config(materialized="table") }}

with messages as (
    select * from {{ ref("int_mailings__messages") }}
),

traces as (
    select * from {{ ref("stg_odoo__mailing_trace") }}
),

links as (
    select * from {{ ref("stg_odoo__link_tracker") }}
),

clicks as (
    select * from {{ ref("stg_odoo__link_tracker_click") }}
),

mailings as (
    select * from {{ ref("int_campaigns__mailings") }}
),

campaigns as (
    select * from {{ ref("int_campaigns__campaigns") }} as known_campaigns
    where known_campaigns.campaign_source = 'utm'
),

-- Odoo keeps the first opening only.
opens as (
    select
        'mailing' as send_source,
        traces.mailing_trace_id as send_id,
        'open' as reaction_type,
        'mailing.trace,' || traces.mailing_trace_id as reference,
        coalesce(traces.opened_at, traces.replied_at, traces.last_clicked_at, traces.sent_at) as reacted_at,
        coalesce(traces.open_date, traces.reply_date, traces.last_click_date, traces.sent_date) as reaction_date
    from traces
    where traces.is_opened
),

replies as (
    select
        'mailing' as send_source,
        traces.mailing_trace_id as send_id,
        'reply' as reaction_type,
        'mailing.trace,' || traces.mailing_trace_id as reference,
        coalesce(traces.replied_at, traces.opened_at, traces.sent_at) as reacted_at,
        coalesce(traces.reply_date, traces.open_date, traces.sent_date) as reaction_date
    from traces
    where traces.is_replied
),

-- Where the clicks themselves are gone, the message still has its last one.
last_clicks as (
    select
        'mailing' as send_source,
        traces.mailing_trace_id as send_id,
        'click' as reaction_type,
        'mailing.trace,' || traces.mailing_trace_id as reference,
        traces.last_clicked_at as reacted_at,
        traces.last_click_date as reaction_date
    from traces
    where
        traces.is_clicked
        and not exists (
            select 1 from clicks
            where clicks.mailing_trace_id = traces.mailing_trace_id
        )
),

unsubscribes as (
    select
        'mailing' as send_source,
        departures.send_id,
        'unsubscribe' as reaction_type,
        'mailing.trace,' || departures.send_id as reference,
        departures.unsubscribed_at as reacted_at,
        departures.unsubscribe_date as reaction_date
    from {{ ref("int_mailings__unsubscribes") }} as departures
),

engagements as (
    select
        'email_campaign' as send_source,
        engagements.campaign_recipient_id as send_id,
        engagements.engagement_type as reaction_type,
        'operational.email_engagement,' || engagements.email_engagement_id as reference,
        engagements.engaged_at as reacted_at,
        engagements.engagement_date as reaction_date
    from {{ ref("stg_odoo__email_engagement") }} as engagements
),

-- Nobody notes the moment of a bounce: it is dated as the message.
bounces as (
    select
        messages.send_source,
        messages.send_id,
        'bounce' as reaction_type,
        case messages.send_source
            when 'mailing' then 'mailing.trace,'
            else 'operational.campaign_recipient,'
        end || messages.send_id as reference,
        messages.sent_at as reacted_at,
        messages.send_date as reaction_date
    from messages
    where messages.is_bounced
),

from_messages as (
    select * from opens
    union all
    select * from replies
    union all
    select * from last_clicks
    union all
    select * from unsubscribes
    union all
    select * from engagements
    union all
    select * from bounces
),

-- Links are also followed from elsewhere: such a click belongs to a campaign, but to no message.
link_clicks as (
    select
        messages.send_source,
        messages.send_id,
        'click' as reaction_type,
        'link.tracker.click,' || clicks.link_click_id as reference,
        coalesce(messages.campaign_sk, campaigns.campaign_sk, mailings.campaign_sk) as campaign_sk,
        clicks.clicked_at as reacted_at,
        clicks.click_date as reaction_date
    from clicks
    left join links on clicks.link_id = links.link_id
    left join messages on messages.send_source = 'mailing' and clicks.mailing_trace_id = messages.send_id
    left join campaigns on coalesce(clicks.campaign_id, links.campaign_id) = campaigns.campaign_id
    left join mailings on coalesce(clicks.mailing_id, links.mailing_id) = mailings.mailing_id
),

final as (
    select
        messages.send_source,
        messages.send_id,
        from_messages.reaction_type,
        from_messages.reference,
        messages.campaign_sk,
        from_messages.reacted_at,
        from_messages.reaction_date
    from from_messages
    inner join messages
        on from_messages.send_source = messages.send_source and from_messages.send_id = messages.send_id
    union all
    select * from link_clicks
)

select * from final
