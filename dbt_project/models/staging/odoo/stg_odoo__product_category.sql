select
    id as product_category_id,
    parent_id as parent_category_id,
    name as category_name,
    coalesce(complete_name, name) as category_path
from {{ source("raw_odoo", "product_category") }}
