asked as (
    select members.cart_id, members.partner_id, members.email
    from unnest(%(cart_id)s::integer[], %(partner_id)s::integer[], %(email)s::text[])
        as members (cart_id, partner_id, email)
),

holders as (
    select
        asked.cart_id,
        bool_or(users.share is not null and not users.share) as is_internal,
        max(partners.message_bounce) as bounces
    from asked
    inner join res_partner as partners on asked.email = partners.email_normalized
    left join res_users as users on partners.id = users.partner_id
    group by asked.cart_id
),

subscriptions as (
    select
        asked.cart_id,
        bool_and(coalesce(subscribed.opt_out, false)) as has_opted_out_of_all,
        bool_or(
            coalesce(subscribed.opt_out, false) and lists.name = any(%(reminder_lists)s::text[])
        ) as has_left_reminders,
        bool_or(
            not coalesce(subscribed.opt_out, false)
            and (%(marketing_lists)s::text[] is null or lists.name = any(%(marketing_lists)s::text[]))
        ) as has_live_subscription
    from asked
    inner join mailing_contact as contacts on asked.email = contacts.email_normalized
    inner join mailing_subscription as subscribed on contacts.id = subscribed.contact_id
    inner join mailing_list as lists on subscribed.list_id = lists.id
    group by asked.cart_id
),

preferences as (
    select
        asked.cart_id,
        bool_and(
            coalesce(preference.is_subscribed, true) and coalesce(preference.email_enabled, true)
            and coalesce(preference.category_preferences ->> 'marketing', 'true') <> 'false'
            and coalesce(preference.category_preferences ->> 'abandoned_cart', 'true') <> 'false'
        ) as may_be_written_to
    from asked
    inner join email_subscription_preference as preference
        on asked.partner_id = preference.customer_id or asked.email = lower(preference.email_address)
    group by asked.cart_id
),

final as (
    select
        asked.cart_id,
        case
            when orders.id is null or orders.state <> 'draft' then 'no cart any more'
            when coalesce(orders.cart_recovery_email_sent, false) then 'mailed by Odoo'
            when coalesce(shop.send_abandoned_cart_email, false) then 'mailed by Odoo'
            when partners.email_normalized is distinct from asked.email
                then 'the contact has another address by now'
            when not coalesce(partners.active, false) then 'archived in Odoo'
            when holders.is_internal then 'internal user'
            when exists (
                select from mail_blacklist as blacklist
                where blacklist.email = asked.email and coalesce(blacklist.active, true)
            ) then 'blacklisted'
            when holders.bounces >= 3 then 'bounces'
            when not preferences.may_be_written_to then 'opted out'
            when subscriptions.has_opted_out_of_all then 'opted out'
            when subscriptions.has_left_reminders then 'opted out of the list'
            when
                not coalesce(
                    preferences.may_be_written_to or subscriptions.has_live_subscription or %(assume_consent)s::boolean,
                    false
                )
                then 'no consent'
        end as reason
    from asked
    left join sale_order as orders on asked.cart_id = orders.id
    left join website as shop on orders.website_id = shop.id
    left join res_partner as partners on asked.partner_id = partners.id
    left join holders on asked.cart_id = holders.cart_id
    left join subscriptions on asked.cart_id = subscriptions.cart_id
    left join preferences on asked.cart_id = preferences.cart_id
)

select final.*
from final
where final.reason is not null
