select
    id as crm_tag_id,
    {{ translated("name") }} as tag_name
from {{ known_rows("crm_tag") }} as tags
