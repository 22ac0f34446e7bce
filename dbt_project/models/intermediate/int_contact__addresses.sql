{{ config(materialized="table") }}

with partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

addresses as (
    select distinct partners.email
    from partners
    where partners.email is not null
),

blacklist as (
    select * from {{ ref("stg_odoo__mail_blacklist") }}
),

subscriptions as (
    select
        subscribed.email,
        bool_or(not subscribed.has_opted_out and {{ is_marketing_list("subscribed.mailing_list") }})
            as has_live_subscription,
        bool_and(subscribed.has_opted_out) as has_opted_out_of_all
    from {{ ref("stg_odoo__mailing_subscription") }} as subscribed
    group by subscribed.email
),

final as (
    select
        addresses.email,
        addresses.email in (select blacklist.email from blacklist) as is_blacklisted,
        subscriptions.has_live_subscription,
        coalesce(subscriptions.has_opted_out_of_all, false) as has_opted_out_of_all
    from addresses
    left join subscriptions on addresses.email = subscriptions.email
)

select * from final
