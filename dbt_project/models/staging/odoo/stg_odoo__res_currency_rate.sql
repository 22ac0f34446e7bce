select
    id as currency_rate_id,
    currency_id,
    company_id,
    name as valid_from_date,
    rate as units_per_base_unit
from {{ known_rows("res_currency_rate") }} as rates
