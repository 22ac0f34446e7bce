select
    id as user_id,
    partner_id,
    company_id,
    coalesce(share, false) as is_portal_or_public,
    not coalesce(active, true) as is_archived
from {{ known_rows("res_users") }} as users
