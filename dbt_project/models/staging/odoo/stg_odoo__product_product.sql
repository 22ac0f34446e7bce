select
    id as product_id,
    product_tmpl_id as product_template_id,
    default_code as product_code,
    not coalesce(active, true) as is_archived
from {{ source("raw_odoo", "product_product") }}
