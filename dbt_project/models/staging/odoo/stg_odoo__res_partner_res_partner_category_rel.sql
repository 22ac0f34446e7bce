select
    partner_id,
    category_id as partner_tag_id
from {{ known_rows("res_partner_res_partner_category_rel") }} as links
