select
    id as order_id,
    state in ('sale', 'done') as is_confirmed,
    date_order as ordered_at,
    {{ business_date("date_order") }} as order_date,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("sale_order") }} as orders
where {{ in_scope("company_id") }}
