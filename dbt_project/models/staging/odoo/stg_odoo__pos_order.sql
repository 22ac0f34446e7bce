select
    id as pos_order_id,
    name as order_name,
    state as order_state,
    state in ('paid', 'done', 'invoiced') as is_paid,
    -- Before Odoo 19 only the sign of the amount tells.
    coalesce(is_refund, amount_total < 0, false) as is_refund,
    partner_id,
    company_id,
    config_id as pos_config_id,
    session_id as pos_session_id,
    user_id as cashier_user_id,
    pricelist_id,
    case when currency_rate > 0 then currency_rate end as units_per_company_unit,
    account_move as invoice_move_id,
    amount_total - amount_tax as net_in_order_currency,
    amount_tax as tax_in_order_currency,
    amount_total as gross_in_order_currency,
    amount_paid as paid_in_order_currency,
    date_order as ordered_at,
    {{ business_date("date_order") }} as order_date,
    create_date as created_at,
    write_date as updated_at
from {{ known_rows("pos_order") }} as orders
where {{ in_scope("company_id") }}
