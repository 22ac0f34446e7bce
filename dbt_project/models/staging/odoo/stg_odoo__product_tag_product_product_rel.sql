select
    product_product_id as product_id,
    product_tag_id
from {{ known_rows("product_tag_product_product_rel") }} as links
