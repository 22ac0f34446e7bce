select
    id as product_category_id,
    parent_id as parent_category_id,
    name as category_name,
    coalesce(complete_name, name) as category_path,
    parent_path as category_id_path
from {{ known_rows("product_category") }} as categories
