select
    id as user_id,
    partner_id,
    coalesce(share, false) as is_portal_or_public
from {{ source("raw_odoo", "res_users") }}
