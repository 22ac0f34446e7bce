carts as (
    select asked.cart_id, asked.customer_id, asked.last_activity_at at time zone 'UTC' as last_activity_at
    from unnest(%(cart_id)s::integer[], %(customer_id)s::integer[], %(last_activity_at)s::timestamptz[])
        as asked (cart_id, customer_id, last_activity_at)
),

later as (
    select carts.cart_id, 'sale.order' as order_model, orders.id as order_id, orders.date_order
    from carts
    inner join res_partner as partners on carts.customer_id = partners.commercial_partner_id
    inner join sale_order as orders on partners.id = orders.partner_id
    where
        orders.state in ('sale', 'done')
        and orders.date_order > carts.last_activity_at
        and orders.id <> carts.cart_id
    union all
    select carts.cart_id, 'pos.order' as order_model, receipts.id as order_id, receipts.date_order
    from carts
    inner join res_partner as partners on carts.customer_id = partners.commercial_partner_id
    inner join pos_order as receipts on partners.id = receipts.partner_id
    where receipts.state in ('paid', 'done', 'invoiced') and receipts.date_order > carts.last_activity_at
)

select distinct on (later.cart_id)
    later.cart_id,
    later.order_model,
    later.order_id,
    later.date_order at time zone 'UTC' as ordered_at
from later
order by later.cart_id, later.date_order, later.order_id
