-- Each step is decided once. After a pause several may be past due: the last one speaks for all.
with delays as (
    select delay.step, delay.hours
    from unnest(%(delays)s::double precision[]) with ordinality as delay (hours, step)
),

-- Of two carts of one address the newer one is reminded of.
newest as (
    select distinct on (cart.email) cart.cart_id
    from carts.cart
    where cart.status in ('open', 'abandoned', 'recovery_started')
    order by cart.email, cart.last_activity_at desc, cart.cart_id desc
),

past_due as (
    select
        cart.cart_id,
        delays.step,
        cart.last_activity_at + make_interval(secs => delays.hours * 3600) as due_at,
        newest.cart_id is not null as is_newest,
        lead(delays.step) over (partition by cart.cart_id order by delays.step) is not null as is_overtaken
    from carts.cart
    cross join delays
    left join newest on cart.cart_id = newest.cart_id
    where
        cart.status in ('abandoned', 'recovery_started')
        and cart.last_activity_at + make_interval(secs => delays.hours * 3600) <= %(as_of)s
),

final as (
    select
        past_due.cart_id,
        past_due.step,
        past_due.due_at,
        case
            when past_due.due_at < progress.first_as_of then 'before the first run'
            when past_due.is_overtaken then 'a later step is due'
            when not past_due.is_newest then 'a newer cart at the address'
            else 'due'
        end as outcome
    from past_due
    cross join carts.progress
)

insert into carts.step (cart_id, step, due_at, outcome, generation)
select final.cart_id, final.step, final.due_at, final.outcome, %(generation)s
from final
on conflict (cart_id, step) do nothing
