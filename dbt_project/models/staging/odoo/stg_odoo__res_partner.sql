select
    id as partner_id,
    coalesce(commercial_partner_id, id) as commercial_partner_id,
    parent_id as parent_partner_id,
    name as partner_name,
    email as email_as_typed,
    email_normalized as email,
    phone,
    city,
    country_id,
    company_id,
    coalesce(is_company, false) as is_company,
    not coalesce(active, true) as is_archived,
    coalesce(message_bounce, 0) as bounce_count,
    create_date as created_at
from {{ source("raw_odoo", "res_partner") }}
