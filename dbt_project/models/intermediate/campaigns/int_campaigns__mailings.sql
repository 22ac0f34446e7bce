with mailings as (
    select * from {{ ref("stg_odoo__mailing_mailing") }}
),

campaigns as (
    select * from {{ ref("stg_odoo__utm_campaign") }}
),

final as (
    select
        mailings.mailing_id,
        mailings.mailing_name,
        mailings.subject,
        mailings.source_id,
        mailings.mailing_state,
        mailings.is_archived,
        mailings.sent_at,
        mailings.sent_date,
        mailings.created_at,
        mailings.created_date,
        case mailings.channel when 'mail' then 'EMAIL' when 'sms' then 'SMS' else 'OTHER' end as channel_code,
        case when campaigns.campaign_id is null then 'mailing' else 'utm' end as campaign_source,
        coalesce(campaigns.campaign_id, mailings.mailing_id) as campaign_id,
        case
            when campaigns.campaign_id is null then {{ surrogate_key(["'mailing'", "mailings.mailing_id"]) }}
            else {{ surrogate_key(["'campaign'", "campaigns.campaign_id"]) }}
        end as campaign_sk
    from mailings
    left join campaigns on mailings.campaign_id = campaigns.campaign_id
)

select * from final
