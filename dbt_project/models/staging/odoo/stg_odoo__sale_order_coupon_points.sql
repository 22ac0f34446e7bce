select
    id as coupon_points_id,
    order_id,
    coupon_id as loyalty_card_id,
    points as points_issued
from {{ known_rows("sale_order_coupon_points") }} as coupon_points
