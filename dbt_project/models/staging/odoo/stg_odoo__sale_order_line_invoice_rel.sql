select
    order_line_id,
    invoice_line_id
from {{ known_rows("sale_order_line_invoice_rel") }} as links
