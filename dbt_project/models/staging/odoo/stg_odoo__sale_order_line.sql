select
    id as order_line_id,
    order_id,
    product_id,
    product_uom_qty as quantity,
    product_uom_id as unit_id,
    qty_delivered as delivered_quantity,
    qty_invoiced as invoiced_quantity,
    price_unit as unit_price_in_order_currency,
    coalesce(discount, 0) as discount_percent,
    price_subtotal as net_in_order_currency,
    -- What Odoo has as price_tax, without its binary fractions.
    price_total - price_subtotal as tax_in_order_currency,
    price_total as gross_in_order_currency,
    margin as margin_in_order_currency,
    purchase_price as unit_cost_in_order_currency,
    coalesce(is_downpayment, false) as is_downpayment,
    coalesce(is_delivery, false) as is_delivery,
    reward_id is not null as is_reward,
    reward_id as loyalty_reward_id,
    coupon_id as loyalty_card_id,
    coalesce(points_cost, 0) as points_used,
    linked_line_id as linked_order_line_id,
    combo_item_id,
    create_date as created_at,
    write_date as updated_at,
    {{ business_date("write_date") }} as updated_date
from {{ known_rows("sale_order_line") }} as lines
where display_type is null
