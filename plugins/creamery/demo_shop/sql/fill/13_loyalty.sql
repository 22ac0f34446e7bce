-- Loyalty programs, cards and their log. The log explains the balance of nearly every card; a few were opened
-- with points from the old paper cards, which Odoo does not log.
insert into loyalty_program
    (id, sequence, company_id, currency_id, program_type, applies_on, trigger, name, portal_point_name,
    active, limit_usage, portal_visible, pos_ok, sale_ok, ecommerce_ok, create_date, write_date)
values
(1, 1, 1, 55, 'loyalty', 'both', 'auto', '{"en_US": "Creamery Club", "bn_BD": "ক্রিমারি ক্লাব"}',
    '{"en_US": "Points"}', true, false, true, true, true, true, opened(), opened()),
(2, 2, 1, 55, 'coupons', 'current', 'with_code', '{"en_US": "10%% for coming back"}',
    '{"en_US": "Coupon point(s)"}', true, false, true, true, true, true, opened(), opened()),
(3, 3, 1, 55, 'gift_card', 'future', 'auto', '{"en_US": "Gift Cards"}', '{"en_US": "৳"}', true, false, true,
    true, true, true, opened(), opened());

insert into loyalty_rule
    (id, program_id, company_id, minimum_qty, minimum_amount, minimum_amount_tax_mode, reward_point_mode,
    reward_point_amount, reward_point_split, mode, active, product_domain, create_date, write_date)
values
(1, 1, 1, 0, 0, 'incl', 'money', 0.01, false, 'auto', true, '[]', opened(), opened()),
(2, 2, 1, 0, 0, 'incl', 'order', 1, false, 'with_code', true, '[]', opened(), opened()),
(3, 3, 1, 1, 0, 'incl', 'money', 1, true, 'auto', true, '[]', opened(), opened());

insert into loyalty_reward
    (id, program_id, company_id, discount_line_product_id, reward_type, discount, discount_mode,
    discount_applicability, required_points, reward_product_qty, description, active, clear_wallet,
    discount_product_domain, create_date, write_date)
values
(1, 1, 1, 2, 'discount', 1, 'per_point', 'order', 50, 1, '{"en_US": "50 taka for 50 points"}', true, false,
    '[]', opened(), opened()),
(2, 2, 1, 3, 'discount', 10, 'percent', 'order', 1, 1, '{"en_US": "10%% on your order"}', true, false, '[]',
    opened(), opened()),
(3, 3, 1, 4, 'discount', 1, 'per_point', 'order', 1, 1, '{"en_US": "Gift Card"}', true, true, '[]', opened(),
    opened());

create temporary table order_of_basket on commit drop as
select basket_id, order_id, null::bigint as receipt_id, name from order_draft
union all
select basket_id, null::bigint, receipt_id, name from receipt_draft where basket_id is not null;

-- Everything that moved points: orders, then goodwill by hand.
create temporary table point_movement on commit drop as
select
    earning.card_id,
    earning.placed_at as moved_at,
    earning.issued,
    earning.used,
    'Order ' || order_of_basket.name as description,
    case when order_of_basket.order_id is null then 'pos.order' else 'sale.order' end as order_model,
    coalesce(order_of_basket.order_id, order_of_basket.receipt_id) as order_id
from earning
join order_of_basket on earning.basket_id = order_of_basket.basket_id
where earning.state = 'sale'
union all
select
    card_id,
    max(placed_at) + interval '40 minutes',
    20,
    0,
    'Goodwill after a complaint',
    null,
    null
from earning
where state = 'sale' and uniform(card_id, 'goodwill') < 0.02
group by card_id
having max(placed_at) < %(ends_at)s - interval '1 hour';

create temporary table card_draft on commit drop as
with paper_cards as (
    select
        person.partner_id,
        life.arrived_on
    from person
    join life on person.customer = life.customer
    left join loyalty_holder on person.customer = loyalty_holder.customer
    where
        loyalty_holder.card_id is null and person.kind = 'household'
        and uniform(person.customer, 'paper card') < 0.012
),

gift_cards as (
    select
        gift,
        %(ends_at)s - make_interval(hours => 10 + pick(gift, 'gift age', 12000)) as created_at
    from generate_series(1, ceil(%(customers)s * 0.015)::integer) as gift
),

counts as (
    select
        (select count(*) from loyalty_holder) + (select count(*) from coupon_draft) as cards,
        (select count(*) from paper_cards) as papers
)

select
    loyalty_holder.card_id,
    1 as program_id,
    loyalty_holder.partner_id,
    coalesce(balance.points, 0) as points,
    coalesce(balance.first_at, first_earning.placed_at) as created_at,
    coalesce(balance.last_at, first_earning.placed_at) as changed_at,
    null::date as expires_on
from loyalty_holder
join (
    select card_id, min(placed_at) as placed_at from earning group by card_id
) as first_earning on loyalty_holder.card_id = first_earning.card_id
left join (
    select card_id, sum(issued - used) as points, min(moved_at) as first_at, max(moved_at) as last_at
    from point_movement
    group by card_id
) as balance on loyalty_holder.card_id = balance.card_id
union all
select
    coupon_draft.card_id,
    2,
    coupon_draft.partner_id,
    case when coupon_draft.basket_id is null then 1 else 0 end,
    coupon_draft.issued_at,
    coalesce(basket.placed_at, coupon_draft.issued_at),
    (coupon_draft.issued_at + interval '45 days')::date
from coupon_draft
left join basket on coupon_draft.basket_id = basket.basket_id
union all
select
    counts.cards + row_number() over (order by paper_cards.partner_id),
    1,
    paper_cards.partner_id,
    100 + pick(paper_cards.partner_id, 'paper points', 400),
    utc(paper_cards.arrived_on + interval '23 hours'),
    utc(paper_cards.arrived_on + interval '23 hours'),
    null
from paper_cards
cross join counts
union all
select
    counts.cards + counts.papers + gift_cards.gift,
    3,
    case
        when uniform(gift_cards.gift, 'gift owner') < 0.3
            then 101 + pick(gift_cards.gift, 'gift partner', %(customers)s)
    end,
    100 * pick(gift_cards.gift, 'gift left', 11),
    gift_cards.created_at,
    gift_cards.created_at,
    (gift_cards.created_at + interval '1 year')::date
from gift_cards
cross join counts;

insert into loyalty_card
    (id, program_id, company_id, partner_id, code, points, expiration_date, active, create_uid, write_uid,
    create_date, write_date)
select
    card_id,
    program_id,
    1,
    partner_id,
    '044' || substr(token(card_id, 'card'), 1, 1) || '-' || substr(token(card_id, 'card'), 2, 4) || '-'
    || substr(token(card_id, 'card'), 6, 8),
    points,
    expires_on,
    true,
    3,
    3,
    created_at,
    changed_at
from card_draft
order by card_id;

insert into loyalty_history
    (id, card_id, order_id, order_model, description, issued, used, create_uid, write_uid, create_date,
    write_date)
with coupons as (
    select
        card_draft.card_id,
        card_draft.changed_at as moved_at,
        1 as issued,
        1 - card_draft.points as used,
        coalesce('Order ' || order_draft.name, 'Coupon issued') as description,
        case when order_draft.order_id is not null then 'sale.order' end as order_model,
        order_draft.order_id
    from card_draft
    join coupon_draft on card_draft.card_id = coupon_draft.card_id
    left join order_draft on coupon_draft.basket_id = order_draft.basket_id
    where card_draft.program_id = 2 and uniform(card_draft.card_id, 'logged') < 0.6
),

gifts as (
    select card_id, created_at, points, 0, 'Gift card sold', null, null::bigint
    from card_draft
    where program_id = 3 and points > 0 and uniform(card_id, 'logged') < 0.5
),

movements as (
    select * from point_movement
    union all
    select * from coupons
    union all
    select * from gifts
)

select
    row_number() over (order by moved_at, card_id, order_id),
    card_id,
    order_id,
    order_model,
    description,
    issued,
    used,
    3,
    3,
    moved_at,
    moved_at
from movements
order by 1;

insert into sale_order_coupon_points
    (id, order_id, coupon_id, points, create_uid, write_uid, create_date, write_date)
select
    row_number() over (order by order_draft.order_id),
    order_draft.order_id,
    earning.card_id,
    earning.issued,
    3,
    3,
    order_draft.created_at,
    order_draft.created_at
from earning
join order_draft on earning.basket_id = order_draft.basket_id
order by 1;
