select
    id as crm_stage_id,
    {{ translated("name") }} as stage_name,
    sequence as stage_order,
    coalesce(is_won, false) as is_won
from {{ known_rows("crm_stage") }} as stages
