select
    id as partner_id,
    city,
    country_id,
    company_id,
    user_id as salesperson_user_id,
    _valid_from as known_from_at,
    _valid_to as known_to_at
from {{ every_version("res_partner") }} as partners
