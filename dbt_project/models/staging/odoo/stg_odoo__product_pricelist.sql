select
    id as pricelist_id,
    {{ translated("name") }} as pricelist_name,
    currency_id,
    company_id,
    website_id,
    code as pricelist_code,
    not coalesce(active, true) as is_archived
from {{ known_rows("product_pricelist") }} as pricelists
