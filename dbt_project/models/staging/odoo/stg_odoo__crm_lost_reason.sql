select
    id as lost_reason_id,
    {{ translated("name") }} as lost_reason
from {{ known_rows("crm_lost_reason") }} as reasons
