select
    id as move_line_id,
    move_id,
    product_id,
    quantity,
    product_uom_id as unit_id,
    price_unit as unit_price_in_document_currency,
    coalesce(discount, 0) as discount_percent,
    price_subtotal as net_in_document_currency,
    price_total as gross_in_document_currency,
    balance as balance_in_company_currency,
    coalesce(is_downpayment, false) as is_downpayment
from {{ known_rows("account_move_line") }} as lines
where display_type = 'product'
