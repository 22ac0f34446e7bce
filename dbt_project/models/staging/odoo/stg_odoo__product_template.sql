select
    id as product_template_id,
    {{ translated("name") }} as product_name,
    categ_id as product_category_id,
    type as product_type,
    list_price as list_price_net,
    coalesce(sale_ok, true) as is_for_sale,
    not coalesce(active, true) as is_archived,
    default_code as template_code
from {{ source("raw_odoo", "product_template") }}
