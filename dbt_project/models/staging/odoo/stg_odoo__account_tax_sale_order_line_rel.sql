select
    sale_order_line_id as order_line_id,
    account_tax_id as tax_id
from {{ known_rows("account_tax_sale_order_line_rel") }} as links
