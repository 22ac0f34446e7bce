select
    order_id,
    coupon_id as loyalty_card_id,
    points_cost as points_used,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("sale_order_line") }} as lines
where reward_id is not null and points_cost <> 0
