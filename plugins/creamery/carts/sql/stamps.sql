anonymous as (
    select visitor.partner_id
    from website as shop
    inner join res_users as visitor on shop.user_id = visitor.id
),

final as (
    select
        orders.id as cart_id,
        greatest(orders.create_date, orders.write_date, max(lines.write_date)) as stamp
    from sale_order as orders
    left join sale_order_line as lines on orders.id = lines.order_id
    where
        orders.state = 'draft'
        and orders.website_id is not null
        -- What subscriptions copy from their first order never was a cart.
        and orders.origin_order_id is null
        and orders.order_subscription_id is null
        and not exists (select from anonymous where anonymous.partner_id = orders.partner_id)
        and (cardinality(%(companies)s::integer[]) = 0 or orders.company_id = any(%(companies)s::integer[]))
    group by orders.id, orders.create_date, orders.write_date
)

select final.*
from final
where final.stamp >= %(since)s::timestamptz at time zone 'UTC' or final.cart_id = any(%(known)s::integer[])
