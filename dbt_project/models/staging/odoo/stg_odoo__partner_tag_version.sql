select
    partner_id,
    category_id as partner_tag_id,
    has_ended,
    _valid_from as known_from_at,
    _valid_to as known_to_at
from {{ every_version("res_partner_res_partner_category_rel") }} as links
