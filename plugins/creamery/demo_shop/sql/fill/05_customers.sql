-- The customers and when they buy.
-- Households and businesses follow BG/NBD: purchases at a constant personal rate (gamma among customers), and
-- after each repeat purchase a personal chance (beta among customers) to leave for ever. Households: r = 0.5,
-- alpha = 11 days, a = 0.5, b = 2. Subscribers have the milk brought every 1, 2 or 3 days. Customers are
-- numbered in the order in which they came.
create temporary table person on commit drop as
with arrivals as (
    select
        customer,
        (customer - 1 + uniform(customer, 'arrival')) / %(customers)s as share
    from generate_series(1, %(customers)s) as customer
),

-- A fifth came in the opening weeks; afterwards the monthly number almost doubles until the last day.
placed as (
    select
        customer,
        horizon.length * case
            when share < 0.2 then 0.06 * power(share / 0.2, 0.8)
            else 0.06 + 0.94 * (sqrt(1 + 2.24 * (share - 0.2) / 0.8) - 1) / 0.8
        end as arrives_at
    from arrivals
    cross join horizon
),

kinds as (
    select
        *,
        case
            when uniform(customer, 'kind') < 0.05 then 'subscriber'
            when uniform(customer, 'kind') < 0.09 then 'business'
            else 'household'
        end as kind
    from placed
),

habits as (
    select
        *,
        1 + pick(customer, 'interval', 3) as interval_days,
        case kind
            when 'subscriber' then 1.0 / (1 + pick(customer, 'interval', 3))
            when 'business' then gamma_two(customer, 'rate') / 16
            else gamma_half(customer, 'rate') / 11
        end as rate_per_day,
        case kind
            when 'subscriber' then 1 - power(1 - uniform(customer, 'dropout'), 1 / 120.0)
            else gamma_half(customer, 'dropout a')
                / (
                    gamma_half(customer, 'dropout a')
                    + gamma_two(customer, 'dropout b') * case kind when 'business' then 9 else 1 end
                )
        end as dropout_probability
    from kinds
)

select
    customer,
    kind,
    arrives_at,
    interval_days,
    rate_per_day,
    dropout_probability,
    trials(customer, 'repeats', dropout_probability) as repeats,
    100 + customer as partner_id,
    -- How often they come to one of the two shops rather than order.
    case
        when kind = 'business' then 0
        when kind = 'subscriber' then case when uniform(customer, 'channel') < 0.25 then 1 else 0 end
        when uniform(customer, 'channel') < 0.4 then 0.9
        when uniform(customer, 'channel') < 0.75 then 0.05
        else 0.45
    end as shop_share,
    case when kind = 'business' then 1 + pick(customer, 'contacts', 3) else 0 end as contacts,
    uniform(customer, 'address') < case kind when 'business' then 0.4 else 0.04 end as has_address,
    kind = 'business' and uniform(customer, 'currency') < 0.07 as pays_dollars,
    one_of(customer, 'taste', array['breakfast', 'cooking', 'treat', 'health']) as taste
from habits;

analyze person;

-- Every purchase; step 0 is the first. Series end by leaving or with the horizon, and are cut where a Poisson
-- series of that rate cannot reach any more.
create temporary table purchase on commit drop as
with repeats as (
    select
        person.customer,
        step,
        person.arrives_at
        + sum(-ln(uniform(person.customer, step, 'gap')) / person.rate_per_day)
            over (partition by person.customer order by step) as position
    from person
    cross join horizon
    cross join lateral (
        select person.rate_per_day * (horizon.length - person.arrives_at) as expected
    ) as outlook
    cross join lateral generate_series(
        1, least(person.repeats, ceil(outlook.expected + 6 * sqrt(outlook.expected) + 8)::bigint)
    ) as step
    where person.kind <> 'subscriber'
),

positions as (
    select customer, 0 as step, arrives_at as position from person
    union all
    select customer, step, position from repeats
),

located as (
    select
        positions.customer,
        positions.step,
        positions.position,
        width_bucket(positions.position, horizon.openings) - 1 as day_number
    from positions
    cross join horizon
    where positions.position < horizon.length
),

by_the_clock as (
    select
        located.customer,
        located.step,
        located.day_number,
        (located.position - calendar.opens_at) / calendar.intensity as fraction
    from located
    join calendar on located.day_number = calendar.day_number
),

-- A subscriber's gap is the plan's, sometimes a day longer, sometimes a journey.
deliveries as (
    select
        person.customer,
        delivery as step,
        first_delivery.day_number
        + sum(
            person.interval_days + case
                when uniform(person.customer, delivery, 'gap') < 0.9 then 0
                when uniform(person.customer, delivery, 'gap') < 0.985 then 1
                else 4 + floor(8 * uniform(person.customer, delivery, 'journey'))
            end
        ) over (partition by person.customer order by delivery) as day_number
    from person
    join by_the_clock as first_delivery
        on person.customer = first_delivery.customer and first_delivery.step = 0
    cross join horizon
    cross join lateral generate_series(
        1, least(person.repeats, (horizon.last_day - first_delivery.day_number) / person.interval_days)
    ) as delivery
    where person.kind = 'subscriber'
)

select customer, step, day_number, fraction
from by_the_clock
union all
select customer, step, day_number::integer, uniform(customer, step, 'hour')
from deliveries
cross join horizon
where day_number <= horizon.last_day;

analyze purchase;

-- What nobody outside can know: models are judged by it.
insert into truth.customer
    (partner_id, kind, is_regular, rate_per_day, dropout_probability, arrived_on, purchases, is_alive,
    died_on)
select
    person.partner_id,
    person.kind,
    person.kind = 'subscriber',
    person.rate_per_day,
    person.dropout_probability,
    min(calendar.day),
    count(*),
    max(purchase.step) < person.repeats,
    case when max(purchase.step) = person.repeats then max(calendar.day) end
from person
join purchase on person.customer = purchase.customer
join calendar on purchase.day_number = calendar.day_number
group by person.customer, person.partner_id, person.kind, person.rate_per_day, person.dropout_probability,
person.repeats
order by person.customer;

create temporary table life on commit drop as
select
    person.customer,
    truth_customer.arrived_on,
    truth_customer.died_on,
    truth_customer.purchases
from person
join truth.customer as truth_customer on person.partner_id = truth_customer.partner_id;

analyze life;
