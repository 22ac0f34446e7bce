{{ config(materialized="table") }}

with traces as (
    select * from {{ ref("stg_odoo__mailing_trace") }}
),

link_clicks as (
    select * from {{ ref("stg_odoo__link_tracker_click") }}
),

mailings as (
    select * from {{ ref("stg_odoo__mailing_mailing") }}
),

mailing_contacts as (
    select * from {{ ref("stg_odoo__mailing_contact") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

addresses as (
    select * from {{ ref("int_customer__addresses") }}
),

-- A partner is whom the mailing went to, even where others share the address; lists know addresses only.
traces_of_customers as (
    select
        traces.*,
        coalesce(contacts.customer_id, addresses.customer_id) as customer_id
    from traces
    left join contacts
        on traces.recipient_model = 'res.partner' and traces.recipient_id = contacts.partner_id
    left join mailing_contacts
        on traces.recipient_model = 'mailing.contact' and traces.recipient_id = mailing_contacts.mailing_contact_id
    left join addresses
        on
            traces.recipient_model is distinct from 'res.partner'
            and coalesce(traces.email, mailing_contacts.email) = addresses.email
),

-- Odoo has no moment of a bounce: it is dated as the message.
reactions as (
    select
        mailing_trace_id,
        'open' as reaction,
        'mailing.trace,' || mailing_trace_id as reference,
        opened_at as reacted_at,
        open_date as reaction_date
    from traces
    union all
    select
        mailing_trace_id,
        'reply' as reaction,
        'mailing.trace,' || mailing_trace_id as reference,
        replied_at as reacted_at,
        reply_date as reaction_date
    from traces
    union all
    select
        mailing_trace_id,
        'bounce' as reaction,
        'mailing.trace,' || mailing_trace_id as reference,
        sent_at as reacted_at,
        sent_date as reaction_date
    from traces
    where is_bounced
    union all
    select
        mailing_trace_id,
        'click' as reaction,
        'link.tracker.click,' || link_click_id as reference,
        clicked_at as reacted_at,
        click_date as reaction_date
    from link_clicks
    union all
    -- The log of clicks may have been cleared, or never brought along; the message remembers its last one.
    select
        mailing_trace_id,
        'click' as reaction,
        'mailing.trace,' || mailing_trace_id as reference,
        last_clicked_at as reacted_at,
        last_click_date as reaction_date
    from traces
    where not exists (
        select 1 from link_clicks
        where link_clicks.mailing_trace_id = traces.mailing_trace_id
    )
),

final as (
    select
        reactions.reaction,
        reactions.reference,
        reactions.reacted_at,
        reactions.reaction_date,
        traces_of_customers.customer_id,
        case when traces_of_customers.channel = 'sms' then 'SMS' else 'EMAIL' end as channel_code,
        coalesce(traces_of_customers.campaign_id, mailings.campaign_id) as campaign_id,
        mailings.mailing_name
    from reactions
    inner join traces_of_customers on reactions.mailing_trace_id = traces_of_customers.mailing_trace_id
    left join mailings on traces_of_customers.mailing_id = mailings.mailing_id
    where reactions.reacted_at is not null and traces_of_customers.customer_id is not null
)

select * from final
