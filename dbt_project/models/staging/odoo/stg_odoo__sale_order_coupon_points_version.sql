select
    order_id,
    coupon_id as loyalty_card_id,
    points as points_issued,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("sale_order_coupon_points") }} as coupon_points
