-- Receipts of the two shops and what was brought back. They are written in 16_point_of_sale.sql, once the
-- invoices that some customers asked for have their numbers.
create temporary table receipt_draft on commit drop as
with sales as (
    select
        basket.*,
        1 + pick(coalesce(basket.customer, 1000000 + basket.basket_id), 'shop', 2) as config_id,
        basket.partner_id is not null and basket.state = 'sale'
        and uniform(basket.basket_id, 'wants invoice') < 0.03 as is_invoiced
    from basket
    where basket.channel = 'shop'
),

returns as (
    select
        sales.*,
        sales.placed_at + interval '30 minutes' + days(sales.basket_id, 'return day', 6) as returned_at
    from sales
    where
        sales.state = 'sale' and sales.stream <> 10
        and uniform(sales.basket_id, 'return') < case when sales.is_invoiced then 0.12 else 0.018 end
),

both_ways as (
    select
        basket_id,
        null::bigint as returned_basket_id,
        partner_id,
        config_id,
        placed_at,
        is_invoiced,
        case
            when state = 'cancel' then 'cancel'
            when day = %(as_of)s and partner_id is null and uniform(basket_id, 'still open') < 0.1
                then 'draft'
            when day = %(as_of)s then 'paid'
            else 'done'
        end as state
    from sales
    union all
    select
        null,
        basket_id,
        partner_id,
        config_id,
        returned_at,
        is_invoiced,
        case when (returned_at + interval '6 hours')::date = %(as_of)s then 'paid' else 'done' end
    from returns
    where returned_at < %(ends_at)s - interval '2 hours'
),

numbered as (
    select
        *,
        (placed_at + interval '6 hours')::date as day,
        row_number() over (order by placed_at, returned_basket_id nulls first, basket_id) as receipt_id
    from both_ways
)

select
    *,
    dense_rank() over (order by day, config_id) as session_id,
    (array['Dhanmondi', 'Agrabad'])[config_id] || '/'
    || padded(row_number() over (partition by config_id order by receipt_id), 6) as name
from numbered;

analyze receipt_draft;

create temporary table receipt_line on commit drop as
with goods as (
    select
        *,
        min(sequence) over (partition by basket_id) as first_product
    from basket_line
    where line_kind in ('product', 'reward')
),

sold as (
    select
        receipt_draft.receipt_id,
        goods.*,
        goods.quantity as moved_quantity,
        goods.subtotal as moved_subtotal,
        goods.tax as moved_tax
    from receipt_draft
    join goods on receipt_draft.basket_id = goods.basket_id
),

-- Half of the returns are whole receipts, half only the first product.
returned as (
    select
        receipt_draft.receipt_id,
        goods.*,
        -goods.quantity,
        -goods.subtotal,
        -goods.tax
    from receipt_draft
    join goods on receipt_draft.returned_basket_id = goods.basket_id
    where uniform(receipt_draft.receipt_id, 'whole receipt') < 0.5 or goods.sequence = goods.first_product
),

both_ways as (
    select * from sold
    union all
    select * from returned
),

numbered as (
    select
        *,
        row_number() over (order by receipt_id, sequence, product_id) as line_id
    from both_ways
)

select
    numbered.*,
    original.line_id as returned_line_id
from numbered
left join numbered as original
    on numbered.moved_quantity < 0
    and original.moved_quantity > 0
    and numbered.basket_id = original.basket_id
    and numbered.sequence = original.sequence
    and numbered.product_id = original.product_id;

analyze receipt_line;
