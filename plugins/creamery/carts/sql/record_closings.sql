-- Drafts that are none any more: ordered, on the way to be paid, cancelled, deleted.
with given as (
    select rows.*
    from jsonb_to_recordset(%(rows)s) as rows (cart_id integer, state text, ordered_at timestamptz)
),

reminded as (
    select step.cart_id, max(step.handed_over_at) as handed_over_at
    from carts.step
    where step.outcome = 'handed over'
    group by step.cart_id
),

ended as (
    select
        given.cart_id,
        given.ordered_at,
        given.state in ('sale', 'done', 'sent') as is_ordered,
        given.ordered_at >= reminded.handed_over_at
        and given.ordered_at <= reminded.handed_over_at + make_interval(days => %(recovery_days)s) as is_brought_back
    from given
    left join reminded on given.cart_id = reminded.cart_id
)

update carts.cart
set
    status = case
        when not ended.is_ordered then 'gone'
        when ended.is_brought_back then 'recovered'
        else 'ordered'
    end,
    order_model = case when ended.is_ordered then 'sale.order' end,
    order_id = case when ended.is_ordered then ended.cart_id end,
    ordered_at = case when ended.is_ordered then ended.ordered_at end,
    last_generation = %(generation)s
from ended
where cart.cart_id = ended.cart_id
