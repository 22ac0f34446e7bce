select
    id as country_id,
    code as country_code,
    {{ translated("name") }} as country_name
from {{ known_rows("res_country") }} as countries
