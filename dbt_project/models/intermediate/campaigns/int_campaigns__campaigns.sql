with mailings as (
    select * from {{ ref("int_campaigns__mailings") }}
),

utm_campaigns as (
    select * from {{ ref("stg_odoo__utm_campaign") }}
),

email_campaigns as (
    select * from {{ ref("stg_odoo__email_campaign") }}
),

plans as (
    select * from {{ ref("campaign_plan") }}
),

mailed as (
    select
        mailings.campaign_source,
        mailings.campaign_id,
        min(mailings.sent_date) as first_sent_date,
        min(mailings.created_date) as created_date,
        case when count(distinct mailings.channel_code) = 1 then min(mailings.channel_code) end as channel_code,
        min(coalesce(mailings.mailing_name, mailings.subject)) as mailing_name,
        bool_and(mailings.is_archived) as is_archived,
        bool_or(mailings.mailing_state = 'sending') as is_sending,
        bool_or(mailings.mailing_state = 'done') as is_sent,
        bool_or(mailings.mailing_state = 'in_queue') as is_queued
    from mailings
    group by mailings.campaign_source, mailings.campaign_id
),

from_utm as (
    select
        {{ surrogate_key(["'campaign'", "utm_campaigns.campaign_id"]) }} as campaign_sk,
        'utm' as campaign_source,
        utm_campaigns.campaign_id,
        'UTM-' || utm_campaigns.campaign_id as campaign_code,
        utm_campaigns.campaign_name,
        mailed.channel_code,
        coalesce(mailed.first_sent_date, utm_campaigns.created_date) as start_date,
        null::date as end_date,
        utm_campaigns.created_date,
        case
            when utm_campaigns.is_archived then 'completed'
            -- Links carry a campaign as long as it is there, whatever became of its mailings.
            when mailed.campaign_id is null or mailed.is_sending or mailed.is_sent then 'running'
            when mailed.is_queued then 'scheduled'
            else 'draft'
        end as status
    from utm_campaigns
    left join mailed on mailed.campaign_source = 'utm' and utm_campaigns.campaign_id = mailed.campaign_id
),

from_mailings as (
    select
        {{ surrogate_key(["'mailing'", "mailed.campaign_id"]) }} as campaign_sk,
        mailed.campaign_source,
        mailed.campaign_id,
        'MAILING-' || mailed.campaign_id as campaign_code,
        coalesce(mailed.mailing_name, 'Mailing ' || mailed.campaign_id) as campaign_name,
        mailed.channel_code,
        coalesce(mailed.first_sent_date, mailed.created_date) as start_date,
        mailed.first_sent_date as end_date,
        mailed.created_date,
        case
            when mailed.is_sent or mailed.is_archived then 'completed'
            when mailed.is_sending then 'running'
            when mailed.is_queued then 'scheduled'
            else 'draft'
        end as status
    from mailed
    where mailed.campaign_source = 'mailing'
),

from_addon as (
    select
        {{ surrogate_key(["'email_campaign'", "email_campaigns.email_campaign_id"]) }} as campaign_sk,
        'email_campaign' as campaign_source,
        email_campaigns.email_campaign_id as campaign_id,
        'EMAIL-' || email_campaigns.email_campaign_id as campaign_code,
        email_campaigns.campaign_name,
        'EMAIL' as channel_code,
        coalesce(email_campaigns.start_date, email_campaigns.created_date) as start_date,
        email_campaigns.end_date,
        email_campaigns.created_date,
        email_campaigns.campaign_status as status
    from email_campaigns
),

campaigns as (
    select * from from_utm
    union all
    select * from from_mailings
    union all
    select * from from_addon
),

final as (
    select
        campaigns.campaign_sk,
        campaigns.campaign_source,
        campaigns.campaign_id,
        campaigns.campaign_code,
        campaigns.campaign_name,
        plans.campaign_type,
        coalesce(plans.campaign_channel, campaigns.channel_code) as channel_code,
        plans.target_segment_code,
        coalesce(plans.start_date, campaigns.start_date) as start_date,
        coalesce(plans.end_date, campaigns.end_date) as end_date,
        case when plans.currency_code = warehouse.reporting_currency then plans.budget end as budget,
        campaigns.status,
        campaigns.created_date
    from campaigns
    left join plans on campaigns.campaign_code = plans.campaign_code
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
