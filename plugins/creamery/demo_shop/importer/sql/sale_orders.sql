insert into sale_order (
    id, name, state, origin, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id,
    currency_rate, date_order, amount_untaxed, amount_tax, amount_total, invoice_status, locked, picking_policy,
    create_date, write_date
)
select
    id,
    order_name,
    case when kind = 'sale' then 'sale' else 'cancel' end,
    kind,
    partner_id,
    partner_id,
    address_id,
    1,
    1,
    1,
    ordered_at,
    amount,
    0,
    amount,
    'no',
    false,
    'direct',
    ordered_at,
    now() at time zone 'UTC'
from import_numbered
where not is_move;

insert into sale_order_line (
    id, order_id, sequence, company_id, currency_id, order_partner_id, product_id, product_uom_id, state, name,
    product_uom_qty, price_unit, discount, price_subtotal, price_total, price_tax, price_reduce_taxexcl,
    qty_delivered, qty_invoiced, customer_lead, create_date, write_date
)
select
    id,
    document_id,
    place,
    1,
    1,
    partner_id,
    product_id,
    1,
    case when kind = 'sale' then 'sale' else 'cancel' end,
    coalesce(name, ''),
    quantity,
    price,
    0,
    amount,
    amount,
    0,
    price,
    case when kind = 'sale' then quantity else 0 end,
    0,
    0,
    ordered_at,
    now() at time zone 'UTC'
from import_numbered_line
where not is_move;
