select
    id as currency_id,
    name as currency_code
from {{ source("raw_odoo", "res_currency") }}
