select
    blacklist.id as blacklist_id,
    lower(blacklist.email) as email,
    {{ translated("reasons.name") }} as opt_out_reason,
    blacklist.create_date as created_at,
    {{ business_date("blacklist.create_date") }} as created_date,
    blacklist.write_date as updated_at
from {{ known_rows("mail_blacklist") }} as blacklist
left join {{ known_rows("mailing_subscription_optout") }} as reasons on blacklist.opt_out_reason_id = reasons.id
where blacklist.active
