{# Odoo does not say which message made a reader leave: the last one delivered in the seven days before. #}
with messages as (
    select * from {{ ref("int_mailings__messages") }} as all_messages
    where all_messages.send_source = 'mailing' and all_messages.is_delivered and all_messages.sent_at is not null
),

lists as (
    select * from {{ ref("stg_odoo__mail_mass_mailing_list_rel") }}
),

left_lists as (
    select * from {{ ref("stg_odoo__mailing_subscription") }} as subscriptions
    where subscriptions.has_opted_out
),

blacklist as (
    select * from {{ ref("stg_odoo__mail_blacklist") }}
),

-- Readers of a list leave it; others, and those who want nothing more at all, land on the blacklist.
candidates as (
    select
        messages.send_id,
        messages.sent_at,
        'list ' || left_lists.mailing_subscription_id as leaving,
        left_lists.opted_out_at as left_at,
        left_lists.opt_out_date as left_date
    from messages
    inner join lists on messages.mailing_id = lists.mailing_id
    inner join left_lists on messages.email = left_lists.email and lists.mailing_list_id = left_lists.mailing_list_id
    union all
    select
        messages.send_id,
        messages.sent_at,
        'blacklist ' || blacklist.blacklist_id as leaving,
        blacklist.created_at as left_at,
        blacklist.created_date as left_date
    from messages
    inner join blacklist on messages.email = blacklist.email
),

caused as (
    select distinct on (candidates.leaving) candidates.*
    from candidates
    where candidates.sent_at <= candidates.left_at and candidates.sent_at > candidates.left_at - interval '7 days'
    order by candidates.leaving, candidates.sent_at desc, candidates.send_id desc
),

final as (
    select distinct on (caused.send_id)
        caused.send_id,
        caused.left_at as unsubscribed_at,
        caused.left_date as unsubscribe_date
    from caused
    order by caused.send_id, caused.left_at
)

select * from final
