select
    id as subscription_line_id,
    sale_subscription_id as subscription_id,
    product_id,
    product_uom_qty as quantity,
    coalesce(discount, 0) as discount_percent,
    price_subtotal as net_in_subscription_currency,
    price_total as gross_in_subscription_currency
from {{ known_rows("sale_subscription_line") }} as lines
