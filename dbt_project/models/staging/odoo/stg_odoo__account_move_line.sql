select
    id as move_line_id,
    move_id,
    product_id,
    quantity,
    price_subtotal as net_in_document_currency,
    price_total as gross_in_document_currency,
    balance as balance_in_company_currency
from {{ source("raw_odoo", "account_move_line") }}
where display_type = 'product'
