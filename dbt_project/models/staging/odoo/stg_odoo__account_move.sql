select
    id as move_id,
    name as move_name,
    state = 'posted' as is_posted,
    move_type,
    company_id,
    currency_id,
    partner_id,
    coalesce(commercial_partner_id, partner_id) as commercial_partner_id,
    reversed_entry_id as reversed_move_id,
    coalesce(invoice_date, date) as invoice_date
from {{ source("raw_odoo", "account_move") }}
where {{ in_scope("company_id") }}
