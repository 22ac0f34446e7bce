-- The customer ordered otherwise since: the cart stays a draft in Odoo, and is left in peace.
with given as (
    select rows.*
    from jsonb_to_recordset(%(orders)s)
        as rows (cart_id integer, order_model text, order_id integer, ordered_at timestamptz)
),

reminded as (
    select step.cart_id, max(step.handed_over_at) as handed_over_at
    from carts.step
    where step.outcome = 'handed over'
    group by step.cart_id
)

update carts.cart
set
    status = case
        when
            given.ordered_at >= reminded.handed_over_at
            and given.ordered_at <= reminded.handed_over_at + make_interval(days => %(recovery_days)s)
            then 'recovered'
        else 'ordered'
    end,
    order_model = given.order_model,
    order_id = given.order_id,
    ordered_at = given.ordered_at,
    last_generation = %(generation)s
from given
left join reminded on given.cart_id = reminded.cart_id
where cart.cart_id = given.cart_id and cart.status in ('open', 'abandoned', 'recovery_started', 'excluded')
