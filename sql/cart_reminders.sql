-- Who is to be on Odoo's mailing lists of cart reminders (campaigns/odoo.yaml, cart_steps): the pusher reads this alone
-- of schema carts. An address is on the list of its newest reminder until its customer orders, comes back to the cart
-- or gives it up, until a mailing to the list has reached it, and for 7 days, as long as a push counts, at the most.
alter table push.plan drop constraint if exists plan_kind_check;
alter table push.plan add constraint plan_kind_check check (kind in ('audience', 'roll-back', 'reminders'));

create or replace view carts.reminder as
with newest as (
    select distinct on (step.address)
        step.cart_id,
        'abandoned_cart_' || step.step as list_name,
        step.address,
        step.handed_over_at
    from carts.step
    cross join carts.progress
    where step.outcome = 'handed over' and step.handed_over_at > progress.last_as_of - interval '7 days'
    order by step.address, step.handed_over_at desc, step.cart_id desc, step.step desc
)

select
    newest.list_name,
    newest.address,
    carts.customer_sk(cart.customer_id) as customer_sk,
    'C' || lpad(cart.customer_id::text, 7, '0') as customer_code,
    cart.partner_id,
    cart.customer_name
from newest
inner join carts.cart on newest.cart_id = cart.cart_id
where
    cart.status = 'recovery_started'
    and cart.last_activity_at <= newest.handed_over_at
    and not exists (
        select from push.list_stay as stay
        where
            stay.destination = 'odoo_lists'
            and stay.list_name = newest.list_name
            and stay.address = newest.address
            and stay.sent_at >= newest.handed_over_at
    );

grant usage on schema carts to creamery_pusher;
grant select on carts.reminder to creamery_pusher;
