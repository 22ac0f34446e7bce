select
    id as country_id,
    code as country_code,
    {{ translated("name") }} as country_name
from {{ source("raw_odoo", "res_country") }}
