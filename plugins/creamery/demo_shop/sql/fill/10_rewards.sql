-- Loyalty cards earn a point per 100 taka and give 50 taka for 50 points; coupons give 10 percent once. What
-- is redeemed becomes a negative line. Delivery charges, sections and notes join the baskets here too.
create temporary table loyalty_holder on commit drop as
select
    row_number() over (order by person.customer) as card_id,
    person.customer,
    person.partner_id,
    pick(person.customer, 'enrolment', 3) as first_step
from person
join life on person.customer = life.customer
where
    person.kind <> 'business'
    and life.purchases > pick(person.customer, 'enrolment', 3)
    and uniform(person.customer, 'loyal') < case person.kind when 'subscriber' then 0.6 else 0.38 end;

create temporary table earning on commit drop as
with amounts as (
    select
        loyalty_holder.card_id,
        basket.basket_id,
        basket.state,
        basket.placed_at,
        sum(basket_line.subtotal + basket_line.tax) as amount
    from loyalty_holder
    join basket
        on loyalty_holder.customer = basket.customer and basket.step >= loyalty_holder.first_step
        and basket.stream in (1, 4, 6)
    join basket_line on basket.basket_id = basket_line.basket_id
    group by loyalty_holder.card_id, basket.basket_id, basket.state, basket.placed_at
),

points as (
    select *, trunc(amount / 100, 2) as issued
    from amounts
),

-- Only points of confirmed orders count; each 50 that the balance reached before an order can be used in it.
balances as (
    select
        *,
        floor(
            coalesce(
                sum(issued) filter (where state = 'sale') over (
                    partition by card_id order by placed_at,
                    basket_id rows between unbounded preceding and 1 preceding
                ),
                0
            ) / 50
        ) as fifties
    from points
),

newly_reached as (
    select
        *,
        fifties - lag(fifties, 1, 0::numeric) over (
            partition by card_id order by placed_at, basket_id
        ) as reached
    from balances
)

select
    card_id,
    basket_id,
    state,
    placed_at,
    issued,
    case
        when state = 'sale' and amount >= 100 * reached and uniform(basket_id, 'redeem') < 0.6
            then 50 * reached
        else 0
    end as used
from newly_reached;

analyze earning;

create temporary table coupon_draft on commit drop as
with redeemed as (
    select
        basket.customer,
        basket.basket_id,
        basket.partner_id,
        basket.created_at - make_interval(days => 2 + pick(basket.basket_id, 'coupon age', 18)) as issued_at
    from basket
    left join earning on basket.basket_id = earning.basket_id
    where
        basket.stream = 1 and basket.kind = 'household' and basket.channel = 'web' and basket.step > 1
        and coalesce(earning.used, 0) = 0
        and uniform(basket.basket_id, 'coupon') < 0.012
),

unused as (
    select
        person.customer,
        null::bigint as basket_id,
        person.partner_id,
        greatest(
            utc(life.arrived_on + interval '20 hours'),
            %(ends_at)s - interval '8 hours' - make_interval(days => pick(person.customer, 'coupon day', 90))
        ) as issued_at
    from person
    join life on person.customer = life.customer
    where
        person.kind = 'household' and life.arrived_on < %(as_of)s
        and uniform(person.customer, 'unused coupon') < 0.04
),

everything as (
    select * from redeemed
    union all
    select * from unused
)

select
    (select count(*) from loyalty_holder)
    + row_number() over (order by issued_at, customer, basket_id) as card_id,
    *
from everything;

insert into basket_line
    (basket_id, sequence, line_kind, product_id, label, uom_id, rate, quantity, price_unit, discount, tax_id,
    subtotal, tax, purchase_price, reward_id, card_id, points_cost)
select
    basket_id, 800, 'reward', 2, '50 taka for 50 points', 1, 1.0, 1, -used, 0, 3, -used, 0, 0, 1, card_id,
    used
from earning
where used > 0;

insert into basket_line
    (basket_id, sequence, line_kind, product_id, label, uom_id, rate, quantity, price_unit, discount, tax_id,
    subtotal, tax, purchase_price, reward_id, card_id, points_cost)
select
    coupon_draft.basket_id, 810, 'reward', 3, '10%% on your order', 1, 1.0, 1,
    -round(sum(basket_line.subtotal) / 10, 2), 0, 3,
    -round(sum(basket_line.subtotal) / 10, 2), 0, 0, 2, coupon_draft.card_id, 1
from coupon_draft
join basket_line on coupon_draft.basket_id = basket_line.basket_id
group by coupon_draft.basket_id, coupon_draft.card_id;

insert into basket_line
    (basket_id, sequence, line_kind, product_id, label, uom_id, rate, quantity, price_unit, discount, tax_id,
    subtotal, tax, purchase_price, points_cost)
select basket.basket_id, 900, 'delivery', 1, 'Home delivery', 1, 1.0, 1, 60, 0, 2, 60, 3, 0, 0
from basket
join (
    select basket_id, sum(subtotal) as amount from basket_line group by basket_id
) as goods on basket.basket_id = goods.basket_id
where basket.channel = 'web' and basket.kind = 'household' and basket.state <> 'draft' and goods.amount < 500;

insert into basket_line
    (basket_id, sequence, line_kind, label, rate, quantity, price_unit, discount, subtotal, tax, points_cost)
select basket_id, remark.sequence, remark.line_kind, remark.label, 1.0, 0, 0, 0, 0, 0, 0
from basket
cross join (
    values
    (1, 'line_section', 'Chilled goods', 0.12),
    (990, 'line_note', 'Please deliver before 8 in the morning.', 0.06)
) as remark (sequence, line_kind, label, share)
where
    basket.kind = 'business' and basket.channel = 'desk'
    and uniform(basket_id, remark.sequence, 'remark') < remark.share;

analyze basket_line;
