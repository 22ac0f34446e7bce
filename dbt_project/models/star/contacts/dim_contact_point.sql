{{ config(key=["customer_sk", "channel"]) }}

with customers as (
    select * from {{ latest("dim_customer") }} as dimension
    where dimension.is_current
),

points as (
    select * from {{ ref("int_contact__points") }}
),

preferences as (
    select * from {{ ref("int_contact__preferences") }}
),

lists as (
    select * from {{ ref("int_contact__addresses") }}
),

refused_lists as (
    select
        subscriptions.email,
        array_agg(distinct subscriptions.mailing_list order by subscriptions.mailing_list) as refused_lists
    from {{ ref("stg_odoo__mailing_subscription") }} as subscriptions
    where subscriptions.has_opted_out and subscriptions.mailing_list is not null
    group by subscriptions.email
),

phone_blacklist as (
    select distinct blacklist.phone_normalized
    from {{ ref("stg_odoo__phone_blacklist") }} as blacklist
),

-- What the add-on's sender learned; Odoo counts bounces on the partner.
hard_bounces as (
    select distinct recipients.email
    from {{ ref("stg_odoo__campaign_recipient") }} as recipients
    where recipients.bounce_type = 'hard' and recipients.email is not null
),

staff as (
    select
        partners.email,
        partners.phone_normalized as phone
    from {{ ref("stg_odoo__res_users") }} as users
    inner join {{ ref("stg_odoo__res_partner") }} as partners on users.partner_id = partners.partner_id
    where not users.is_portal_or_public and not users.is_archived
),

staff_addresses as (
    select staff.email as address
    from staff
    where staff.email is not null
    union distinct
    select staff.phone as address
    from staff
    where staff.phone is not null
),

final as (
    select
        customers.customer_sk,
        points.channel,
        points.address,
        points.partner_id,
        points.customer_name,
        points.birth_date,
        points.bounce_count,
        hard_bounces.email is not null as has_hard_bounce,
        coalesce(lists.is_blacklisted, phone_blacklist.phone_normalized is not null) as is_blacklisted,
        coalesce(lists.has_opted_out_of_all, false) as has_opted_out_of_all,
        lists.has_live_subscription,
        staff_addresses.address is not null as is_internal_user,
        preferences.is_subscribed,
        preferences.is_channel_enabled,
        coalesce(preferences.preferred_frequency, 'normal') as preferred_frequency,
        coalesce(preferences.refused_categories, '{}') as refused_categories,
        coalesce(refused_lists.refused_lists, '{}') as refused_lists
    from customers
    inner join points on customers.customer_id = points.customer_id
    left join preferences
        on points.customer_id = preferences.customer_id and points.channel = preferences.channel
    left join lists on points.channel = 'email' and points.address = lists.email
    left join refused_lists on points.channel = 'email' and points.address = refused_lists.email
    left join phone_blacklist on points.channel = 'sms' and points.address = phone_blacklist.phone_normalized
    left join hard_bounces on points.channel = 'email' and points.address = hard_bounces.email
    left join staff_addresses on points.address = staff_addresses.address
)

select * from final
