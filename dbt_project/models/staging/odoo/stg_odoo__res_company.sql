select
    id as company_id,
    name as company_name,
    partner_id as company_partner_id,
    currency_id as company_currency_id,
    parent_id as parent_company_id,
    not coalesce(active, true) as is_archived
from {{ known_rows("res_company") }} as companies
