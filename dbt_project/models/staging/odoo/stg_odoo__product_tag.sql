select
    id as product_tag_id,
    {{ translated("name") }} as tag_name
from {{ known_rows("product_tag") }} as tags
