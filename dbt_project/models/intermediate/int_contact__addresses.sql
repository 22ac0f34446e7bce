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
        bool_or(
            not subscribed.has_opted_out
            {% if var("marketing_lists") -%}
            and subscribed.mailing_list in ('{{ var("marketing_lists") | join("', '") }}')
            {%- endif %}
        ) as has_live_subscription,
        bool_and(subscribed.has_opted_out) as has_opted_out_of_all
    from {{ ref("stg_odoo__mailing_subscription") }} as subscribed
    group by subscribed.email
),

final as (
    select
        addresses.email,
        exists (select 1 from blacklist where blacklist.email = addresses.email) as is_blacklisted,
        subscriptions.has_live_subscription,
        coalesce(subscriptions.has_opted_out_of_all, false) as has_opted_out_of_all
    from addresses
    left join subscriptions on addresses.email = subscriptions.email
)

select * from final
