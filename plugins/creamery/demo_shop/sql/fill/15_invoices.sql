-- The documents planned in 14_invoice_lines.sql, as Odoo writes them.

-- Totals and how far it is paid, once for both tables.
create temporary table move_total on commit drop as
with sums as (
    select
        move_id,
        coalesce(sum(subtotal) filter (where display_type = 'product'), 0) as untaxed,
        coalesce(sum(tax) filter (where display_type = 'product'), 0) as tax,
        -coalesce(sum(balance) filter (where display_type = 'product'), 0) as untaxed_signed,
        -coalesce(sum(balance) filter (where display_type = 'tax'), 0) as tax_signed,
        coalesce(sum(balance) filter (where display_type = 'payment_term'), 0) as total_signed
    from move_line
    group by move_id
)

select
    sums.*,
    case
        when move_draft.state <> 'posted' or move_draft.move_type = 'entry' then 'not_paid'
        when credit.reason in ('full', 'cancelled order', 'linked by entry only') then 'reversed'
        when move_draft.move_type = 'out_refund' or not coalesce(move_draft.is_business, false) then 'paid'
        when move_draft.dated + 5 + pick(move_draft.move_id, 'pays after', 40) <= %(as_of)s
            and uniform(move_draft.move_id, 'pays') < 0.97 then 'paid'
        when uniform(move_draft.move_id, 'partly') < 0.15 then 'partial'
        else 'not_paid'
    end as payment_state
from sums
join move_draft on sums.move_id = move_draft.move_id
left join move_draft as credit
    on move_draft.purpose = 'order'
    and credit.purpose = 'order refund'
    and move_draft.origin_id = credit.origin_id;

analyze move_total;

insert into account_move
    (id, journal_id, company_id, sequence_number, sequence_prefix, name, ref, state, move_type, auto_post,
    partner_id, commercial_partner_id, partner_shipping_id, invoice_partner_display_name, currency_id,
    reversed_entry_id, invoice_user_id, payment_reference, payment_state, invoice_origin, date, invoice_date,
    invoice_date_due, delivery_date, invoice_currency_rate, amount_untaxed, amount_tax, amount_total,
    amount_residual, amount_untaxed_signed, amount_untaxed_in_currency_signed, amount_tax_signed,
    amount_total_signed, amount_total_in_currency_signed, amount_residual_signed, posted_before, is_move_sent,
    team_id, website_id, create_uid, write_uid, create_date, write_date)
with documents as (
    select
        move_draft.*,
        move_total.untaxed,
        move_total.tax,
        move_total.untaxed_signed,
        move_total.tax_signed,
        move_total.total_signed,
        move_total.payment_state,
        coalesce(move_draft.prefix || padded(move_draft.number, 5), '/') as name,
        case move_draft.move_type when 'out_refund' then -1 else 1 end as sign,
        case move_total.payment_state
            when 'partial' then 0.5
            when 'not_paid' then case when move_draft.move_type = 'entry' then 0 else 1 end
            else 0
        end as open_share,
        reversed.move_id as reversed_id,
        reversed.prefix || padded(reversed.number, 5) as reversed_name
    from move_draft
    join move_total on move_draft.move_id = move_total.move_id
    left join receipt_draft as brought_back
        on move_draft.purpose = 'receipt refund' and move_draft.origin_id = brought_back.receipt_id
    left join receipt_draft as original
        on brought_back.returned_basket_id = original.basket_id
    left join move_draft as reversed
        on reversed.purpose = case move_draft.purpose
            when 'order refund' then 'order'
            when 'manual refund' then 'manual'
            when 'receipt refund' then 'receipt'
        end
        and reversed.origin_id = coalesce(original.receipt_id, move_draft.origin_id)
        and move_draft.reason <> 'linked by line only'
)

select
    move_id,
    case move_type when 'entry' then 7 else 1 end,
    1,
    number,
    case when state = 'posted' then prefix end,
    documents.name,
    case
        when reversed_name is not null then 'Reversal of: ' || reversed_name
        when purpose in ('receipt', 'receipt refund', 'session') then origin
    end,
    state,
    move_type,
    'no',
    documents.partner_id,
    documents.partner_id,
    documents.partner_id,
    res_partner.complete_name,
    documents.currency_id,
    reversed_id,
    case
        when is_business then 5 + pick(documents.partner_id, 'salesperson', 3)
        when move_type <> 'entry' then 2
    end,
    case when move_type = 'out_invoice' and state = 'posted' then documents.name end,
    payment_state,
    case when purpose in ('order', 'order refund', 'receipt', 'receipt refund') then origin end,
    dated,
    case when move_type <> 'entry' then dated end,
    case when move_type <> 'entry' then dated + case when is_business then 30 else 0 end end,
    case when purpose = 'order' then dated end,
    rate,
    case move_type when 'entry' then 0 else untaxed end,
    case move_type when 'entry' then 0 else tax end,
    case move_type when 'entry' then 0 else untaxed + tax end,
    case move_type when 'entry' then 0 else round((untaxed + tax) * open_share, 2) end,
    case move_type when 'entry' then 0 else untaxed_signed end,
    case move_type when 'entry' then 0 else sign * untaxed end,
    case move_type when 'entry' then 0 else tax_signed end,
    case move_type when 'entry' then 0 else total_signed end,
    case move_type when 'entry' then 0 else sign * (untaxed + tax) end,
    case move_type when 'entry' then 0 else round(total_signed * open_share, 2) end,
    state <> 'draft',
    purpose = 'order' and is_business,
    case
        when move_type = 'entry' then null
        when is_web then 2
        when purpose like 'receipt%%' then 3
        else 1
    end,
    case when is_web then 1 end,
    2,
    2,
    utc(dated + interval '11 hours'),
    least(
        %(ends_at)s - interval '1 minute',
        utc(dated + interval '12 hours') + case payment_state
            when 'paid' then days(move_id, 'settled', 25)
            else interval '0'
        end
    )
from documents
left join res_partner on documents.partner_id = res_partner.id
order by move_id;

insert into account_move_line
    (id, move_id, journal_id, company_id, company_currency_id, sequence, account_id, currency_id, partner_id,
    tax_line_id, product_id, product_uom_id, move_name, parent_state, name, display_type, date, invoice_date,
    date_maturity, debit, credit, balance, amount_currency, amount_residual, amount_residual_currency,
    quantity, price_unit, price_subtotal, price_total, discount, reconciled, is_downpayment, create_uid,
    write_uid, create_date, write_date)
select
    move_line.line_id,
    move.id,
    move.journal_id,
    1,
    55,
    move_line.sequence,
    case move_line.display_type when 'product' then 26 when 'tax' then 14 else 5 end,
    move.currency_id,
    move.partner_id,
    move_line.tax_line_id,
    move_line.product_id,
    move_line.uom_id,
    move.name,
    move.state,
    move_line.label,
    move_line.display_type,
    move.date,
    move.invoice_date,
    case move_line.display_type when 'payment_term' then move.invoice_date_due end,
    greatest(move_line.balance, 0),
    greatest(-move_line.balance, 0),
    move_line.balance,
    move_line.amount_currency,
    case move_line.display_type when 'payment_term' then move.amount_residual_signed else 0 end,
    case move_line.display_type
        when 'payment_term' then sign(move.amount_residual_signed) * move.amount_residual
        else 0
    end,
    move_line.quantity,
    move_line.price_unit,
    move_line.subtotal,
    move_line.subtotal + move_line.tax,
    move_line.discount,
    move_line.display_type = 'payment_term' and move.amount_residual = 0,
    false,
    2,
    2,
    move.create_date,
    move.write_date
from move_line
join account_move as move on move_line.move_id = move.id
order by move_line.line_id;

insert into sale_order_line_invoice_rel
    (invoice_line_id, order_line_id)
select move_line.line_id, move_line.order_line_id
from move_line
join move_draft on move_line.move_id = move_draft.move_id
where move_line.order_line_id is not null and coalesce(move_draft.reason, '') <> 'linked by entry only';

insert into truth.credit_note
    (move_id, reason)
select move_id, reason
from move_draft
where move_type = 'out_refund';
