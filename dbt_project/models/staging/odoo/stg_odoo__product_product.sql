select
    id as product_id,
    product_tmpl_id as product_template_id,
    default_code as product_code,
    barcode,
    weight as weight_kg,
    volume as volume_m3,
    not coalesce(active, true) as is_archived,
    create_date as created_at
from {{ known_rows("product_product") }} as variants
