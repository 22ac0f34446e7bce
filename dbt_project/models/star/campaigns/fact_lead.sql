{{ config(key=["lead_sk"], reader_indexes=[["customer_sk"]]) }}

with leads as (
    select * from {{ ref("stg_odoo__crm_lead") }}
),

addresses as (
    select * from {{ ref("int_customer__addresses") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

utm_channels as (
    select * from {{ ref("int_utm__channels") }} as channels_of_carriers
    where channels_of_carriers.carrier = 'lead'
),

-- A lead gets its partner when it is won; the address tells earlier, and of those who bought without it.
identified as (
    select
        leads.*,
        case when leads.partner_id is null then addresses.customer_id else identities.customer_id end as customer_id,
        least(leads.assigned_date, leads.converted_date) as first_contact_date
    from leads
    left join identities on leads.partner_id = identities.partner_id
    left join addresses on leads.email = addresses.email
),

final as (
    select
        {{ surrogate_key(["'lead'", "identified.lead_id"]) }} as lead_sk,
        identified.lead_id,
        case
            when identified.customer_id is not null
                then {{ surrogate_key(["'customer'", "identified.customer_id"]) }}
        end as customer_sk,
        case
            when utm_channels.channel_code is not null
                then {{ surrogate_key(["'channel'", "utm_channels.channel_code"]) }}
        end as utm_channel_sk,
        utm_channels.campaign_sk,
        utm_channels.source_name as utm_source_name,
        identified.company_id,
        identified.is_opportunity,
        identified.is_won,
        identified.is_lost,
        identified.created_at as lead_created_at,
        identified.created_date as lead_created_date,
        identified.first_contact_date,
        case when identified.is_won then coalesce(identified.closed_date, identified.created_date) end as won_date,
        case when identified.is_lost then coalesce(identified.closed_date, identified.created_date) end as lost_date
    from identified
    left join utm_channels on identified.lead_id = utm_channels.carrier_id
)

select * from final
