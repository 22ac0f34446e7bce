select
    id as pos_order_id,
    name as order_name,
    state in ('paid', 'done', 'invoiced') as is_paid,
    partner_id,
    company_id,
    currency_rate as units_per_company_unit,
    account_move as invoice_move_id,
    date_order as ordered_at,
    {{ business_date("date_order") }} as order_date
from {{ source("raw_odoo", "pos_order") }}
where {{ in_scope("company_id") }}
