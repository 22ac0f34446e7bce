select
    lead_id,
    tag_id as crm_tag_id
from {{ known_rows("crm_tag_rel") }} as links
