select
    id as country_state_id,
    country_id,
    code as state_code,
    name as state_name
from {{ known_rows("res_country_state") }} as states
