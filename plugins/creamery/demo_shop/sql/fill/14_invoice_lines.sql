-- Invoices, credit notes and the shops' daily entries, each with balanced lines. A document is known by
-- (purpose, origin_id): the order, receipt, session or running number that it was made for.
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
    select
        'manual',
        number,
        'out_invoice',
        %(starts_on)s + pick(number, 'manual day', horizon.last_day - 20),
        101 + pick(number, 'manual partner', %(customers)s),
        null,
        null
    from generate_series(1, ceil(%(customers)s * 0.004)::integer) as number
    cross join horizon
    union all
    select
        'manual refund',
        number,
        'out_refund',
        %(starts_on)s + pick(number, 'manual day', horizon.last_day - 20)
        + 1 + pick(number, 'manual refund day', 19),
        101 + pick(number, 'manual partner', %(customers)s),
        null,
        'manual invoice'
    from generate_series(1, ceil(%(customers)s * 0.004)::integer, 3) as number
    cross join horizon
    union all
    -- Gestures that name neither order nor invoice.
    select
        'gesture',
        number,
        'out_refund',
        %(as_of)s - pick(number, 'gesture day', horizon.last_day),
        101 + pick(number, 'gesture partner', %(customers)s),
        null,
        'no link'
    from generate_series(1, ceil(%(customers)s * 0.003)::integer) as number
    cross join horizon
),

stated as (
    select
        documents.*,
        case
            when purpose = 'gesture' and uniform(origin_id, 'gesture state') < 0.2 then 'draft'
            when purpose = 'gesture' and uniform(origin_id, 'gesture state') < 0.3 then 'cancel'
            when purpose = 'order' and dated = %(as_of)s and uniform(origin_id, 'unposted') < 0.3 then 'draft'
            else 'posted'
        end as state,
        case
            when move_type = 'entry' then 'POSS'
            when move_type = 'out_refund' then 'RINV'
            else 'INV'
        end || '/' || extract(year from dated)::text || '/' as prefix,
        row_number() over (order by dated, purpose collate "C", origin_id) as move_id
    from documents
)

select
    stated.*,
    case
        when stated.state = 'posted'
            then row_number() over (partition by stated.prefix, stated.state order by stated.move_id)
    end as number,
    case when order_draft.currency_id = 1 then 1 else 55 end as currency_id,
    coalesce(currency.rate, 1.0) as rate,
    order_draft.kind = 'business' as is_business,
    coalesce(order_draft.channel, '') = 'web' as is_web
from stated
left join order_draft
    on stated.purpose in ('order', 'order refund') and stated.origin_id = order_draft.order_id
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
            case move_draft.purpose
                when 'order' then order_line.invoiced_quantity
                else order_line.refunded_quantity
            end as quantity
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

-- Goods, taxes by rate, and what the customer owes; direction is -1 for sales, 1 for returns.
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
        on move_draft.origin_id = receipt_draft.session_id
        and receipt_draft.state <> 'cancel'
        and not receipt_draft.is_invoiced
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
