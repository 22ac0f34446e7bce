-- Invoices, credit notes and the shops' daily entries, each with balanced lines. A document is known by (purpose,
-- origin_id): the order, receipt, session or running number that it was made for.
create temporary table move_draft on commit drop as
with documents as (
    select
        'order' as purpose,
        order_id as origin_id,
        'out_invoice' as move_type,
        invoiced_on as dated,
        commercial_id as partner_id,
        name as origin,
        null as reason
    from order_draft
    where invoiced_on is not null
    union all
    select 'order refund', order_id, 'out_refund', refunded_on, commercial_id, name, refund_reason
    from order_draft
    where refunded_on is not null
    union all
    select
        case when returned_basket_id is null then 'receipt' else 'receipt refund' end,
        receipt_id,
        case when returned_basket_id is null then 'out_invoice' else 'out_refund' end,
        day,
        partner_id,
        name,
        case when returned_basket_id is not null then 'receipt' end
    from receipt_draft
    where is_invoiced
    union all
    select 'session', session_id, 'entry', day, null, 'Session ' || session_id, null
    from receipt_draft
    where day < %(as_of)s and state <> 'cancel' and not is_invoiced
    group by session_id, day
    union all
    -- By hand, without an order: services and sales of used equipment.
    select 'manual', number, 'out_invoice', %(starts_on)s + pick(number, 'manual day', horizon.last_day - 20),
    101 + pick(number, 'manual partner', %(customers)s), null, null
    from generate_series(1, ceil(%(customers)s * 0.004)::integer) as number
    cross join horizon
    union all
    select
        'manual refund', number, 'out_refund',
        %(starts_on)s + pick(number, 'manual day', horizon.last_day - 20) + 1 + pick(number, 'manual refund day', 19),
        101 + pick(number, 'manual partner', %(customers)s), null, 'manual invoice'
    from generate_series(1, ceil(%(customers)s * 0.004)::integer, 3) as number
    cross join horizon
    union all
    -- Gestures that name neither order nor invoice.
    select 'gesture', number, 'out_refund', %(as_of)s - pick(number, 'gesture day', horizon.last_day),
    101 + pick(number, 'gesture partner', %(customers)s), null, 'no link'
    from generate_series(1, ceil(%(customers)s * 0.003)::integer) as number
    cross join horizon
),
stated as (
    select
        documents.*,
        case
            when purpose = 'gesture' and uniform(origin_id, 'gesture state') < 0.2 then 'draft'
            when purpose = 'gesture' and uniform(origin_id, 'gesture state') < 0.3 then 'cancel'
            when purpose = 'order' and reason is null and dated = %(as_of)s and uniform(origin_id, 'unposted') < 0.3 then 'draft'
            else 'posted'
        end as state,
        case
            when move_type = 'entry' then 'POSS'
            when move_type = 'out_refund' then 'RINV'
            else 'INV'
        end || '/' || extract(year from dated)::text || '/' as prefix,
        row_number() over (
            order by dated,
            array_position(array['order', 'receipt', 'manual', 'order refund', 'receipt refund', 'manual refund', 'gesture', 'session'], purpose), origin_id
        ) as move_id
    from documents
)
select
    stated.*,
    case
        when stated.state = 'posted' then row_number() over (partition by stated.prefix, stated.state order by stated.move_id)
    end as number,
    case when order_draft.currency_id = 1 then 1 else 55 end as currency_id,
    coalesce(currency.rate, 1.0) as rate,
    order_draft.kind = 'business' as is_business,
    coalesce(order_draft.channel, '') = 'web' as is_web
from stated
left join order_draft on stated.purpose in ('order', 'order refund') and stated.origin_id = order_draft.order_id
left join (
    select order_id, max(rate) as rate from order_line where line_kind = 'product' group by order_id
) as currency on order_draft.order_id = currency.order_id;

analyze move_draft;

-- Lines that are sold or taken back, in the document's currency and positive.
create temporary table move_goods on commit drop as
with ordered as (
    select
        move_draft.move_id,
        order_line.line_id as order_line_id,
        order_line.sequence,
        order_line.product_id,
        order_line.label,
        order_line.uom_id,
        billed.quantity,
        order_line.price_unit,
        order_line.discount,
        order_line.tax_id,
        case
            when billed.quantity = order_line.quantity then order_line.subtotal
            else round(billed.quantity * order_line.price_unit * (1 - order_line.discount / 100), 2)
        end as subtotal
    from move_draft
    join order_line on move_draft.origin_id = order_line.order_id
    cross join lateral (
        select
            case move_draft.purpose when 'order' then order_line.invoiced_quantity else order_line.refunded_quantity end as quantity
    ) as billed
    where move_draft.purpose in ('order', 'order refund') and billed.quantity > 0
),
receipts as (
    select
        move_draft.move_id,
        null::bigint as order_line_id,
        receipt_line.sequence,
        receipt_line.product_id,
        receipt_line.label,
        receipt_line.uom_id,
        abs(receipt_line.moved_quantity),
        receipt_line.price_unit,
        receipt_line.discount,
        receipt_line.tax_id,
        -- A reward stays negative on an invoice, a return turns the whole document around.
        receipt_line.moved_subtotal * case when move_draft.move_type = 'out_refund' then -1 else 1 end
    from move_draft
    join receipt_line on move_draft.origin_id = receipt_line.receipt_id
    where move_draft.purpose in ('receipt', 'receipt refund')
),
by_hand as (
    select
        move_id,
        null::bigint,
        10,
        null::integer,
        case when purpose = 'gesture' then 'With our apologies' else 'Used cooling equipment' end,
        1,
        1,
        case
            when purpose = 'gesture' then 50 + pick(origin_id, 'gesture amount', 300)
            else 2000 + 100 * pick(origin_id, 'manual amount', 100)
        end::numeric,
        0,
        case when purpose = 'gesture' then 3 else 1 end,
        case
            when purpose = 'gesture' then 50 + pick(origin_id, 'gesture amount', 300)
            else 2000 + 100 * pick(origin_id, 'manual amount', 100)
        end::numeric
    from move_draft
    where purpose in ('manual', 'manual refund', 'gesture')
),
all_goods as (
    select * from ordered
    union all
    select * from receipts
    union all
    select * from by_hand
)
select
    all_goods.*,
    round(all_goods.subtotal * account_tax.amount / 100, 2) as tax
from all_goods
join account_tax on all_goods.tax_id = account_tax.id;

analyze move_goods;

-- Goods, taxes by rate, and what the customer owes. direction: -1 where goods are credited, 1 where they come back.
create temporary table move_line on commit drop as
with directed as (
    select *, case move_type when 'out_refund' then 1 else -1 end as direction
    from move_draft
),
goods as (
    select
        directed.move_id,
        10 + move_goods.sequence as sequence,
        'product' as display_type,
        move_goods.order_line_id,
        move_goods.product_id,
        null::integer as tax_line_id,
        move_goods.label,
        move_goods.uom_id,
        move_goods.quantity,
        move_goods.price_unit,
        move_goods.discount,
        move_goods.subtotal,
        move_goods.tax,
        directed.direction * move_goods.subtotal as amount_currency,
        round(directed.direction * move_goods.subtotal / directed.rate, 2) as balance
    from directed
    join move_goods on directed.move_id = move_goods.move_id
),
taxes as (
    select
        directed.move_id,
        2000 + move_goods.tax_id,
        'tax',
        null::bigint,
        null::integer,
        move_goods.tax_id,
        'VAT',
        null::integer,
        0,
        0,
        0,
        0,
        0,
        directed.direction * sum(move_goods.tax),
        round(directed.direction * sum(move_goods.tax) / directed.rate, 2)
    from directed
    join move_goods on directed.move_id = move_goods.move_id
    group by directed.move_id, directed.direction, directed.rate, move_goods.tax_id
    having sum(move_goods.tax) <> 0
),
-- The day's receipts without an invoice of their own. Odoo calls the lines of an entry 'product' as well.
takings as (
    select
        move_draft.move_id,
        sum(receipt_line.moved_subtotal) as subtotal,
        sum(receipt_line.moved_tax) as tax
    from move_draft
    join receipt_draft
        on move_draft.origin_id = receipt_draft.session_id and receipt_draft.state <> 'cancel' and not receipt_draft.is_invoiced
    join receipt_line on receipt_draft.receipt_id = receipt_line.receipt_id
    where move_draft.purpose = 'session'
    group by move_draft.move_id
),
daily as (
    select
        move_id, part.sequence, 'product', null::bigint, null::integer, null::integer, part.label,
        null::integer, 0, 0, 0, 0, 0,
        part.amount, part.amount
    from takings
    cross join lateral (
        values (10, 'Sales', -subtotal), (20, 'VAT', -tax), (30, 'Cash and cards', subtotal + tax)
    ) as part (sequence, label, amount)
),
credited as (
    select * from goods
    union all
    select * from taxes
),
owed as (
    select
        move_id, 12000, 'payment_term', null::bigint, null::integer, null::integer, 'Receivable',
        null::integer, 0, 0, 0, 0, 0,
        -sum(amount_currency), -sum(balance)
    from credited
    group by move_id
),
all_lines as (
    select * from credited
    union all
    select * from owed
    union all
    select * from daily
)
select
    row_number() over (order by move_id, sequence, order_line_id, product_id) as line_id,
    *
from all_lines;

analyze move_line;

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
    on move_draft.purpose = 'order' and credit.purpose = 'order refund' and move_draft.origin_id = credit.origin_id;

analyze move_total;

insert into account_move
    (id, journal_id, company_id, sequence_number, sequence_prefix, name, ref, state, move_type, auto_post,
        partner_id,
    commercial_partner_id, partner_shipping_id, invoice_partner_display_name, currency_id, reversed_entry_id,
    invoice_user_id,
    payment_reference, payment_state, invoice_origin, date, invoice_date, invoice_date_due, delivery_date,
    invoice_currency_rate, amount_untaxed, amount_tax, amount_total, amount_residual, amount_untaxed_signed,
    amount_untaxed_in_currency_signed, amount_tax_signed, amount_total_signed,
    amount_total_in_currency_signed,
    amount_residual_signed, posted_before, is_move_sent, team_id, website_id, create_uid, write_uid,
    create_date, write_date)
with documents as (
    select
        move_draft.*,
        move_total.untaxed,
        move_total.tax,
        move_total.untaxed_signed,
        move_total.tax_signed,
        move_total.total_signed,
        move_total.payment_state,
        case when move_draft.state = 'posted' then move_draft.prefix || lpad(move_draft.number::text, 5, '0') else '/' end as name,
        case move_draft.move_type when 'out_refund' then -1 else 1 end as sign,
        case move_total.payment_state
            when 'partial' then 0.5
            when 'not_paid' then case when move_draft.move_type = 'entry' then 0 else 1 end
            else 0
        end as open_share,
        reversed.move_id as reversed_id,
        reversed.prefix || lpad(reversed.number::text, 5, '0') as reversed_name
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
    case when is_business then 5 + pick(documents.partner_id, 'salesperson', 3) when move_type <> 'entry' then 2 end,
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
    case when move_type = 'entry' then null when is_web then 2 when purpose like 'receipt%%' then 3 else 1 end,
    case when is_web then 1 end,
    2,
    2,
    utc(dated + interval '11 hours'),
    least(
        %(ends_at)s - interval '1 minute',
        utc(dated + interval '12 hours') + make_interval(days => case payment_state when 'paid' then pick(move_id, 'settled', 25) else 0 end)
    )
from documents
left join res_partner on documents.partner_id = res_partner.id
order by move_id;

insert into account_move_line
    (id, move_id, journal_id, company_id, company_currency_id, sequence, account_id, currency_id, partner_id,
        tax_line_id,
    product_id, product_uom_id, move_name, parent_state, name, display_type, date, invoice_date,
    date_maturity, debit, credit,
    balance, amount_currency, amount_residual, amount_residual_currency, quantity, price_unit, price_subtotal,
    price_total,
    discount, reconciled, is_downpayment, create_uid, write_uid, create_date, write_date)
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
    case move_line.display_type when 'payment_term' then sign(move.amount_residual_signed) * move.amount_residual else 0 end,
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

insert into sale_order_line_invoice_rel (invoice_line_id, order_line_id)
select move_line.line_id, move_line.order_line_id
from move_line
join move_draft on move_line.move_id = move_draft.move_id
where move_line.order_line_id is not null and coalesce(move_draft.reason, '') <> 'linked by entry only';

insert into truth.credit_note (move_id, reason)
select move_id, reason
from move_draft
where move_type = 'out_refund';
