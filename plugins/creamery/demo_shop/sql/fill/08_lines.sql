-- What is in the baskets, and what it costs. A line's product comes from the shelf of the basket's errand:
-- mostly from a slot that the customer returns to, else from any slot of the season.
create temporary table errand on commit drop as
select
    basket.basket_id,
    basket.customer,
    basket.kind,
    basket.season,
    case
        when basket.kind = 'business' then 'wholesale'
        when basket.kind = 'subscriber' then 'daily'
        when basket.season = 'festive' and uniform(basket.basket_id, 'errand') < 0.45 then 'festive'
        when basket.season = 'summer' and uniform(basket.basket_id, 'errand') < 0.2 then 'treat'
        when basket.season = 'summer' and uniform(basket.basket_id, 'errand') < 0.35 then 'health'
        when person.taste is not null and uniform(basket.basket_id, 'taste') < 0.55 then person.taste
        else one_of(
            basket.basket_id, 'other taste', array['breakfast', 'breakfast', 'cooking', 'treat', 'health']
        )
    end as mission,
    case basket.kind
        when 'business' then 2 + pick(basket.basket_id, 'lines', 4)
        when 'subscriber' then case when uniform(basket.basket_id, 'lines') < 0.14 then 2 else 1 end
        when 'walk-in' then 1 + pick(basket.basket_id, 'lines', 3) / 2
        else 1 + floor(4.2 * power(uniform(basket.basket_id, 'lines'), 1.6))::integer
    end as lines
from basket
left join person on basket.customer = person.customer;

create temporary table basket_line on commit drop as
with wishes as (
    select
        errand.basket_id,
        errand.customer,
        errand.kind,
        line,
        -- A subscriber adds something to the milk now and then.
        case when errand.kind = 'subscriber' and line > 1 then 'breakfast' else errand.mission end as mission,
        case when is_habit then 'steady' else errand.season end as season,
        floor(
            400 * case
                when is_habit then uniform(errand.customer, habit, errand.mission)
                else uniform(errand.basket_id, line, 'slot')
            end
        )::integer as slot
    from errand
    cross join lateral generate_series(1, errand.lines) as line
    cross join lateral (
        select
            case
                when errand.customer is null then false
                when errand.kind = 'subscriber' and line = 1 then true
                else uniform(errand.basket_id, line, 'habit') < 0.6
            end as is_habit,
            case
                when errand.kind = 'subscriber' then 1
                else 1 + floor(4 * power(uniform(errand.basket_id, line, 'which habit'), 1.5))::integer
            end as habit
    ) as mood
),

-- The same product twice in a basket is one line; what is not for sale on that day is replaced.
chosen as (
    select distinct on (wishes.basket_id, ware.product_id)
        wishes.basket_id,
        wishes.line,
        wishes.customer,
        wishes.kind,
        ware.product_id
    from wishes
    join basket on wishes.basket_id = basket.basket_id
    join shelf on wishes.mission = shelf.mission and wishes.season = shelf.season and wishes.slot = shelf.slot
    join ware as wanted on shelf.product_id = wanted.product_id
    join ware
        on case
            when basket.day between wanted.sold_from and wanted.sold_until then wanted.code
            else wanted.instead
        end = ware.code
    order by wishes.basket_id, ware.product_id, wishes.line
),

-- Prices are in whole taka. Businesses buy milk by the crate, have contract discounts, and a few of them are
-- billed in dollars.
priced as (
    select
        chosen.basket_id,
        chosen.line,
        ware.product_id,
        ware.label,
        ware.tax_id,
        ware.tax_rate,
        ware.cost,
        ware.price,
        coalesce(dollar.rate, 1.0) as rate,
        case when is_crate then 3 else ware.uom_id end as uom_id,
        case when is_crate then 12 else 1 end as packs,
        greatest(1, round(ware.price * basket.price_level)) as taka,
        case
            when chosen.kind = 'business' and is_crate then 1 + floor(3 * appetite)
            when chosen.kind = 'business' and ware.price > 700 then 1 + floor(2 * appetite)
            when chosen.kind = 'business' then 2 + floor(9 * appetite)
            when ware.uom_id = 2 then 0.5 * (1 + floor(4 * appetite))
            when chosen.kind = 'subscriber' then 1 + pick(chosen.customer, 'quantity', 3)
            when ware.price < 60 then 1 + floor(5 * appetite)
            when ware.price < 150 then 1 + floor(3 * appetite)
            else 1
        end::numeric as quantity,
        case
            when chosen.kind = 'business'
                then (array[0, 3, 5, 8, 10, 12])[1 + pick(chosen.customer, 'contract', 6)]
            when uniform(chosen.basket_id, chosen.line, 'promotion') < 0.03 then 10
            else 0
        end::numeric as discount
    from chosen
    join basket on chosen.basket_id = basket.basket_id
    join ware on chosen.product_id = ware.product_id
    left join person on chosen.customer = person.customer
    left join res_currency_rate as dollar
        on person.pays_dollars
        and dollar.currency_id = 1
        and dollar.name = date_trunc('month', basket.day)::date
    cross join lateral (
        select
            chosen.kind = 'business' and ware.uom_id = 1 and ware.price < 120
            and uniform(chosen.basket_id, chosen.line, 'crate') < 0.4 as is_crate,
            uniform(chosen.basket_id, chosen.line, 'quantity') as appetite
    ) as packing
),

converted as (
    select
        *,
        round(taka * packs * rate, 2) as price_unit,
        round(cost * taka / price * packs * rate, 4) as purchase_price
    from priced
),

totalled as (
    select
        *,
        round(quantity * price_unit * (1 - discount / 100), 2) as subtotal
    from converted
)

select
    basket_id,
    line * 10 as sequence,
    'product' as line_kind,
    product_id,
    label,
    uom_id,
    rate,
    quantity,
    price_unit,
    discount,
    tax_id,
    subtotal,
    round(subtotal * tax_rate / 100, 2) as tax,
    purchase_price,
    null::integer as reward_id,
    null::integer as card_id,
    0 as points_cost
from totalled;

analyze basket_line;
