select
    id as pos_config_id,
    name as till_name,
    company_id,
    currency_id,
    not coalesce(active, true) as is_archived
from {{ known_rows("pos_config") }} as tills
