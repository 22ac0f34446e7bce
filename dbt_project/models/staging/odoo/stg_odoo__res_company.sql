select
    id as company_id,
    name as company_name,
    partner_id as company_partner_id,
    currency_id as company_currency_id
from {{ source("raw_odoo", "res_company") }}
