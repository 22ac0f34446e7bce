select
    order_line_id,
    invoice_line_id
from {{ source("raw_odoo", "sale_order_line_invoice_rel") }}
