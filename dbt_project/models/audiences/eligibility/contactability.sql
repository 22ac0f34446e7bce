{{ config(materialized="permanent_view") }}

with points as (
    select * from {{ published("dim_contact_point") }} as dimension
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

channels as (
    select unnest(array['email', 'sms']) as channel
),

-- What binds every message. A customer without a row among the points is gone from Odoo: merged or erased.
judged as (
    select
        customers.customer_sk,
        channels.channel,
        points.address,
        points.partner_id,
        points.customer_name,
        points.preferred_frequency,
        points.refused_categories,
        points.refused_lists,
        coalesce(points.is_internal_user, false) as is_internal_user,
        case
            when customers.is_former or points.customer_sk is null then 'erased'
            when points.address is null then 'no valid address'
            when points.is_internal_user then 'internal user'
            when points.is_blacklisted then 'blacklisted'
            when not points.is_subscribed then 'unsubscribed'
            when not points.is_channel_enabled then 'channel switched off'
            when points.has_opted_out_of_all then 'opted out'
            when customers.is_archived then 'archived in Odoo'
            when points.has_hard_bounce or points.bounce_count >= 3 then 'bounces'
        end as own_reason,
        -- In this order. A list of mail addresses says nothing about text messages.
        case
            when points.is_subscribed and points.is_channel_enabled then 'preference'
            when points.channel = 'email' and points.has_live_subscription then 'subscription'
            when points.has_live_subscription is null and {{ var("assume_consent") }} then 'assumed'
        end as own_consent
    from customers
    cross join channels
    left join points on customers.customer_sk = points.customer_sk and channels.channel = points.channel
),

-- One suppressed holder suppresses the address, and who gave no consent keeps the others from being written to.
shared as (
    select
        judged.*,
        judged.address is not null
        and bool_or(judged.own_reason is not null) over holders as has_suppressed_holder,
        judged.address is not null
        and bool_or(judged.own_consent is null) over holders as has_silent_holder,
        case when judged.address is null then judged.customer_sk else min(judged.customer_sk) over holders end
            as representative_sk
    from judged
    window holders as (partition by judged.channel, judged.address)
),

final as (
    select
        shared.customer_sk,
        shared.channel,
        shared.address,
        shared.partner_id,
        shared.customer_name,
        shared.is_internal_user,
        shared.preferred_frequency,
        shared.refused_categories,
        shared.refused_lists,
        shared.own_consent as consent_rule,
        coalesce(
            shared.own_reason,
            case when shared.has_suppressed_holder then 'another holder of the address is suppressed' end
        ) as reason,
        case
            when shared.own_consent is null then 'no consent'
            when shared.has_silent_holder then 'another holder of the address is suppressed'
        end as marketing_reason,
        shared.representative_sk
    from shared
)

select * from final
