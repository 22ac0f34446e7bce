select
    subscription.id as mailing_subscription_id,
    subscription.contact_id as mailing_contact_id,
    subscription.list_id as mailing_list_id,
    contact.email_normalized as email,
    list.name as mailing_list,
    coalesce(subscription.opt_out, false) as has_opted_out,
    case when subscription.opt_out then subscription.opt_out_datetime end as opted_out_at,
    case when subscription.opt_out then {{ business_date("subscription.opt_out_datetime") }} end as opt_out_date,
    {{ translated("reason.name") }} as opt_out_reason,
    subscription.create_date as subscribed_at
from {{ known_rows("mailing_subscription") }} as subscription
inner join {{ known_rows("mailing_contact") }} as contact on subscription.contact_id = contact.id
inner join {{ known_rows("mailing_list") }} as list on subscription.list_id = list.id
left join {{ known_rows("mailing_subscription_optout") }} as reason on subscription.opt_out_reason_id = reason.id
where contact.email_normalized is not null
