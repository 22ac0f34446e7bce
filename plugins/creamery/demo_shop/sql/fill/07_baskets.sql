-- Baskets: every occasion on which goods were put together, bought or not. `stream` says where it comes from;
-- (stream, owner, step) is unique. Moments are local until the end of this file.
create temporary table basket_draft on commit drop as
with purchases as (
    select
        purchase.customer,
        purchase.step,
        purchase.day_number,
        purchase.fraction,
        person.kind,
        person.partner_id,
        case
            when uniform(purchase.customer, purchase.step, 'channel') < person.shop_share then 'shop'
            when person.kind = 'business' and uniform(purchase.customer, purchase.step, 'web') < 0.78
                then 'desk'
            when person.kind = 'subscriber' and uniform(purchase.customer, 'desk') < 0.6 then 'desk'
            else 'web'
        end as channel
    from purchase
    join person on purchase.customer = person.customer
),

sales as (
    select
        1 as stream,
        customer::bigint as owner,
        step,
        customer,
        kind,
        partner_id,
        day_number,
        fraction,
        channel,
        'sale' as state
    from purchases
),

-- Ordered, cancelled, and ordered again a little later.
cancelled as (
    select 2, owner, step, customer, kind, partner_id, day_number, fraction * 0.8, channel, 'cancel'
    from sales
    where channel <> 'shop' and uniform(customer, step, 'cancel') < 0.025
),

-- A quotation that came to nothing, or not yet.
quotations as (
    select 3, owner, step, customer, kind, partner_id, day_number, fraction * 0.9, channel, 'sent'
    from sales
    where
        channel <> 'shop'
        and uniform(customer, step, 'quotation') < case kind when 'business' then 0.03 else 0.004 end
),

-- A cart left behind up to a week before the purchase that followed.
recovered as (
    select
        4,
        sales.owner,
        sales.step,
        sales.customer,
        sales.kind,
        sales.partner_id,
        sales.day_number - 1 - pick(sales.owner * 1000 + sales.step, 'cart age', 6),
        sales.fraction,
        'web',
        'draft'
    from sales
    join life on sales.customer = life.customer
    where
        sales.kind = 'household' and sales.channel = 'web'
        and sales.day_number - 7 > life.arrived_on - %(starts_on)s
        and uniform(sales.customer, sales.step, 'recovered') < 0.035
),

lost_carts as (
    select
        5,
        person.customer,
        0,
        person.customer,
        person.kind,
        person.partner_id,
        life.arrived_on - %(starts_on)s + floor(
            uniform(person.customer, 'cart day') * (%(as_of)s - life.arrived_on + 1)
        )::integer,
        uniform(person.customer, 'cart hour'),
        'web',
        'draft'
    from person
    join life on person.customer = life.customer
    where person.kind = 'household' and uniform(person.customer, 'cart') < 0.06
),

-- Carts of the last days, still open.
open_carts as (
    select
        6,
        person.customer,
        0,
        person.customer,
        person.kind,
        person.partner_id,
        greatest(life.arrived_on, %(as_of)s - pick(person.customer, 'open cart day', 4)) - %(starts_on)s,
        uniform(person.customer, 'open cart hour'),
        'web',
        'draft'
    from person
    join life on person.customer = life.customer
    where person.kind <> 'business' and uniform(person.customer, 'open cart') < 0.014
),

prospect_carts as (
    select
        7,
        prospect,
        0,
        null::integer,
        'household',
        partner_id,
        floor(arrives_at * (%(as_of)s - %(starts_on)s))::integer,
        uniform(prospect, 'prospect hour'),
        'web',
        case when uniform(prospect, 'prospect cart') < 0.35 then 'draft' else 'sent' end
    from prospect
    where uniform(prospect, 'prospect cart') < 0.4
),

-- Visitors who are not logged in fill carts of the website's public user; Odoo keeps them.
anonymous_carts as (
    select
        8,
        visitor,
        0,
        null::integer,
        'walk-in',
        4,
        horizon.last_day - floor(horizon.last_day * power(uniform(visitor, 'anonymous day'), 3))::integer,
        uniform(visitor, 'anonymous hour'),
        'web',
        'draft'
    from generate_series(1, ceil(%(customers)s * 0.06)::integer) as visitor
    cross join horizon
),

walk_ins as (
    select
        9,
        visitor,
        0,
        null::integer,
        'walk-in',
        null::integer,
        width_bucket(sqrt(uniform(visitor, 'walk-in')) * horizon.length, horizon.openings) - 1,
        uniform(visitor, 'walk-in hour'),
        'shop',
        case when uniform(visitor, 'walk-in end') < 0.005 then 'cancel' else 'sale' end
    from generate_series(1, %(customers)s) as visitor
    cross join horizon
),

staff as (
    select
        10,
        visitor,
        0,
        null::integer,
        'household',
        6 + pick(visitor, 'colleague', 4),
        floor(uniform(visitor, 'staff day') * (horizon.last_day + 1))::integer,
        uniform(visitor, 'staff hour'),
        case when uniform(visitor, 'staff channel') < 0.5 then 'shop' else 'desk' end,
        'sale'
    from generate_series(1, ceil(%(customers)s * 0.006)::integer) as visitor
    cross join horizon
)

select * from sales
union all select * from cancelled
union all select * from quotations
union all select * from recovered
union all select * from lost_carts
union all select * from open_carts
union all select * from prospect_carts
union all select * from anonymous_carts
union all select * from walk_ins
union all select * from staff;

analyze basket_draft;

create temporary table basket on commit drop as
with timed as (
    select
        draft.*,
        calendar.day,
        calendar.season,
        calendar.price_level,
        calendar.day + clock(
            case
                when draft.kind = 'subscriber' and draft.channel <> 'shop' then 'doorstep'
                when draft.channel = 'desk' then 'office'
                else draft.channel
            end,
            draft.fraction
        ) as placed_at,
        case
            when draft.channel = 'shop' then interval '0'
            when draft.channel = 'web'
                then interval '3 minutes' + minutes(draft.owner * 1000 + draft.step, 'dwell', 50)
            else interval '15 minutes' + minutes(draft.owner * 1000 + draft.step, 'dwell', 240)
        end as dwell
    from basket_draft as draft
    join calendar on draft.day_number = calendar.day_number
),

numbered as (
    select
        *,
        row_number() over (order by placed_at - dwell, stream, owner, step) as basket_id
    from timed
)

select
    basket_id,
    stream,
    customer,
    step,
    kind,
    partner_id::integer as partner_id,
    channel,
    state,
    day,
    season,
    price_level,
    utc(placed_at - dwell) as created_at,
    -- A draft's order date is its creation.
    utc(case when state = 'draft' then placed_at - dwell else placed_at end) as placed_at
from numbered
order by basket_id;

analyze basket;
