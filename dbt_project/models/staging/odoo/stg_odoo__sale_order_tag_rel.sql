select
    order_id,
    tag_id as crm_tag_id
from {{ known_rows("sale_order_tag_rel") }} as links
