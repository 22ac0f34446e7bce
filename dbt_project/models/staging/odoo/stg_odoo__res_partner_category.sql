select
    id as partner_tag_id,
    {{ translated("name") }} as tag_name,
    parent_id as parent_tag_id,
    not coalesce(active, true) as is_archived
from {{ known_rows("res_partner_category") }} as tags
