-- What a credit note says is positive; what it does to the company's books (signed, balance) is a debit of revenue.
-- An adjustment is a journal entry: part of the books, never a sale.
insert into account_move (
    id, name, ref, state, move_type, journal_id, company_id, partner_id, commercial_partner_id, partner_shipping_id,
    currency_id, auto_post, payment_state, date, invoice_date, invoice_currency_rate, amount_untaxed, amount_tax,
    amount_total, amount_residual, amount_untaxed_signed, amount_tax_signed, amount_total_signed,
    amount_total_in_currency_signed, create_date, write_date
)
select
    id,
    order_name,
    case when kind = 'entry' then 'Adjustment' end,
    'posted',
    case when kind = 'refund' then 'out_refund' else 'entry' end,
    case when kind = 'refund' then 1 else 2 end,
    1,
    partner_id,
    partner_id,
    address_id,
    1,
    'no',
    case when kind = 'refund' then 'paid' else 'not_paid' end,
    order_day,
    case when kind = 'refund' then order_day end,
    1,
    abs(amount),
    0,
    abs(amount),
    0,
    amount,
    0,
    amount,
    amount,
    ordered_at,
    now() at time zone 'UTC'
from import_numbered
where is_move;

insert into account_move_line (
    id, move_id, move_name, parent_state, sequence, journal_id, company_id, company_currency_id, currency_id,
    partner_id, product_id, product_uom_id, name, display_type, date, invoice_date, quantity, price_unit, discount,
    price_subtotal, price_total, debit, credit, balance, amount_currency, create_date, write_date
)
select
    id,
    document_id,
    order_name,
    'posted',
    place,
    case when kind = 'refund' then 1 else 2 end,
    1,
    1,
    1,
    partner_id,
    product_id,
    1,
    name,
    'product',
    order_day,
    case when kind = 'refund' then order_day end,
    abs(quantity),
    abs(price),
    0,
    abs(amount),
    abs(amount),
    greatest(-amount, 0),
    greatest(amount, 0),
    -amount,
    -amount,
    ordered_at,
    now() at time zone 'UTC'
from import_numbered_line
where is_move;

-- Every line of a credit note belongs to the last earlier sale of that product to that customer, where there is one.
insert into sale_order_line_invoice_rel (order_line_id, invoice_line_id)
with
event as (
    select
        id,
        kind,
        customer,
        product_id,
        row_number() over (
            partition by customer, product_id order by ordered_at, kind = 'refund', line_number
        ) as place
    from import_numbered_line
    where customer is not null and kind in ('sale', 'refund')
),

followed as (
    select
        *,
        max(place) filter (where kind = 'sale') over (
            partition by customer, product_id order by place
        ) as sale_place
    from event
)

select sale.id, refund.id
from followed as refund
join event as sale
    on refund.customer = sale.customer
    and refund.product_id = sale.product_id
    and refund.sale_place = sale.place
where refund.kind = 'refund';
