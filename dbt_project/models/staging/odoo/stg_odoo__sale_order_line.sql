select
    id as order_line_id,
    order_id,
    product_id,
    product_uom_qty as quantity,
    price_subtotal as net_in_order_currency,
    price_total as gross_in_order_currency,
    margin as margin_in_order_currency
from {{ source("raw_odoo", "sale_order_line") }}
where display_type is null
