select
    product_template_id,
    product_tag_id
from {{ current_rows("product_tag_product_template_rel") }} as links
