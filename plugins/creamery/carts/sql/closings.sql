final as (
    select
        orders.id as cart_id,
        orders.state,
        orders.date_order at time zone 'UTC' as ordered_at
    from sale_order as orders
    where orders.id = any(%(carts)s::integer[])
)

select final.*
from final
