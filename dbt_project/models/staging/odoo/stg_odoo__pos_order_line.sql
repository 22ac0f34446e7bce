select
    id as pos_order_line_id,
    order_id as pos_order_id,
    product_id,
    qty as quantity,
    price_subtotal as net_in_order_currency,
    price_subtotal_incl as gross_in_order_currency,
    total_cost as cost_in_order_currency,
    refunded_orderline_id as refunded_line_id,
    sale_order_line_id as settled_order_line_id
from {{ source("raw_odoo", "pos_order_line") }}
