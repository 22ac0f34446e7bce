select
    product_template_id,
    product_tag_id
from {{ known_rows("product_tag_product_template_rel") }} as links
