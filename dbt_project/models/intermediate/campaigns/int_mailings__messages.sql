{{ config(materialized="table") }}

{# Messages of Odoo's mailings, and of the add-on's e-mail campaigns. #}
with mailings as (
    select * from {{ ref("int_campaigns__mailings") }}
),

addresses as (
    select * from {{ ref("int_customer__addresses") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

readers as (
    select * from {{ ref("stg_odoo__mailing_contact") }}
),

traces as (
    select
        'mailing' as send_source,
        traces.mailing_trace_id as send_id,
        mailings.campaign_sk,
        case traces.channel when 'mail' then 'EMAIL' when 'sms' then 'SMS' else 'OTHER' end as channel_code,
        coalesce(contacts.customer_id, addresses.customer_id) as customer_id,
        traces.recipient_model || ',' || traces.recipient_id as recipient,
        traces.mailing_id,
        mailings.mailing_name,
        traces.email,
        traces.is_handed_over,
        traces.is_delivered,
        traces.is_bounced,
        null::text as bounce_type,
        traces.is_failed,
        traces.is_cancelled,
        traces.failure_type,
        traces.sent_at,
        null::timestamp as delivered_at,
        -- What never left is dated by the mailing.
        coalesce(traces.sent_date, mailings.sent_date, traces.created_date) as send_date
    from {{ ref("stg_odoo__mailing_trace") }} as traces
    left join mailings on traces.mailing_id = mailings.mailing_id
    left join contacts
        on traces.recipient_model = 'res.partner' and traces.recipient_id = contacts.partner_id
    left join readers
        on traces.recipient_model = 'mailing.contact' and traces.recipient_id = readers.mailing_contact_id
    -- A text message has no address; its reader may.
    left join addresses on coalesce(traces.email, readers.email) = addresses.email
),

recipients as (
    select
        'email_campaign' as send_source,
        recipients.campaign_recipient_id as send_id,
        {{ surrogate_key(["'email_campaign'", "recipients.email_campaign_id"]) }} as campaign_sk,
        'EMAIL' as channel_code,
        coalesce(contacts.customer_id, addresses.customer_id) as customer_id,
        'res.partner,' || recipients.partner_id as recipient,
        null::integer as mailing_id,
        email_campaigns.campaign_name as mailing_name,
        recipients.email,
        recipients.is_handed_over,
        recipients.is_delivered,
        recipients.is_bounced,
        recipients.bounce_type,
        recipients.is_failed,
        false as is_cancelled,
        null::text as failure_type,
        recipients.sent_at,
        recipients.delivered_at,
        coalesce(recipients.sent_date, recipients.created_date) as send_date
    from {{ ref("stg_odoo__campaign_recipient") }} as recipients
    inner join {{ ref("stg_odoo__email_campaign") }} as email_campaigns
        on recipients.email_campaign_id = email_campaigns.email_campaign_id
    left join contacts on recipients.partner_id = contacts.partner_id
    left join addresses on recipients.email = addresses.email
),

final as (
    select * from traces
    union all
    select * from recipients
)

select * from final
