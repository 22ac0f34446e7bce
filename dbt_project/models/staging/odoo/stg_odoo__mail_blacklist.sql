select
    id as blacklist_id,
    lower(email) as email
from {{ source("raw_odoo", "mail_blacklist") }}
where active
