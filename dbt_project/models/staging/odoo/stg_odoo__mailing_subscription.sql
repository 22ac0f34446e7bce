select
    contact.email_normalized as email,
    list.name as mailing_list,
    coalesce(subscription.opt_out, false) as has_opted_out
from {{ source("raw_odoo", "mailing_subscription") }} as subscription
inner join {{ source("raw_odoo", "mailing_contact") }} as contact on subscription.contact_id = contact.id
inner join {{ source("raw_odoo", "mailing_list") }} as list on subscription.list_id = list.id
where contact.email_normalized is not null
