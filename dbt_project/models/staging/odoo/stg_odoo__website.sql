select
    id as website_id,
    user_id as public_user_id
from {{ source("raw_odoo", "website") }}
