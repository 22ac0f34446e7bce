select
    id as pos_order_line_id,
    order_id as pos_order_id,
    product_id,
    qty as quantity,
    price_unit as unit_price_in_order_currency,
    coalesce(discount, 0) as discount_percent,
    price_subtotal as net_in_order_currency,
    price_subtotal_incl as gross_in_order_currency,
    total_cost as cost_in_order_currency,
    refunded_orderline_id as refunded_line_id,
    sale_order_line_id as settled_order_line_id,
    coalesce(is_reward_line, false) as is_reward,
    reward_id as loyalty_reward_id,
    coupon_id as loyalty_card_id,
    coalesce(points_cost, 0) as points_used
from {{ known_rows("pos_order_line") }} as lines
