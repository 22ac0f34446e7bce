select
    id as lead_id,
    partner_id
from {{ source("raw_odoo", "crm_lead") }}
