-- What sale orders did to cards where there was no log of points, and what became of it: points stand while their row
-- is there and its order is confirmed. Odoo deletes the rows of an order that is cancelled.
with orders as (
    select * from {{ ref("stg_odoo__sale_order_version") }}
    where is_confirmed
),

issued as (
    select
        rows_of_points.*,
        'issue' as side,
        rows_of_points.points_issued as points
    from {{ ref("stg_odoo__sale_order_coupon_points_version") }} as rows_of_points
),

used as (
    select
        lines.*,
        'use' as side,
        -lines.points_used as points
    from {{ ref("stg_odoo__reward_line_version") }} as lines
),

movements as (
    select
        issued.order_id,
        issued.loyalty_card_id,
        issued.side,
        issued.points,
        issued.known_from_at,
        issued.known_from_date,
        issued.known_to_at,
        issued.known_to_date,
        issued.has_ended
    from issued
    union all
    select
        used.order_id,
        used.loyalty_card_id,
        used.side,
        used.points,
        used.known_from_at,
        used.known_from_date,
        used.known_to_at,
        used.known_to_date,
        used.has_ended
    from used
),

standing as (
    select
        movements.order_id,
        movements.loyalty_card_id,
        movements.side,
        movements.points,
        orders.ordered_at,
        orders.order_date,
        greatest(movements.known_from_at, orders.known_from_at) as known_from_at,
        greatest(movements.known_from_date, orders.known_from_date) as known_from_date,
        least(
            case when movements.has_ended then movements.known_to_at end,
            case when orders.has_ended then orders.known_to_at end
        ) as known_to_at,
        least(
            case when movements.has_ended then movements.known_to_date end,
            case when orders.has_ended then orders.known_to_date end
        ) as known_to_date
    from movements
    inner join orders
        on
            movements.order_id = orders.order_id
            and movements.known_from_at < orders.known_to_at
            and movements.known_to_at > orders.known_from_at
),

changes as (
    select
        standing.order_id,
        standing.loyalty_card_id,
        standing.side,
        standing.known_from_at as seen_at,
        standing.known_from_date as seen_date,
        standing.points,
        true as is_there,
        standing.ordered_at,
        standing.order_date
    from standing
    union all
    select
        standing.order_id,
        standing.loyalty_card_id,
        standing.side,
        standing.known_to_at as seen_at,
        standing.known_to_date as seen_date,
        -standing.points as points,
        false as is_there,
        standing.ordered_at,
        standing.order_date
    from standing
    where standing.known_to_at is not null
),

netted as (
    select
        changes.order_id,
        changes.loyalty_card_id,
        changes.side,
        changes.seen_at,
        min(changes.seen_date) as seen_date,
        round(sum(changes.points), 4) as points,
        not bool_or(changes.is_there) as is_deletion
    from changes
    group by changes.order_id, changes.loyalty_card_id, changes.side, changes.seen_at
),

firsts as (
    select distinct on (changes.order_id, changes.loyalty_card_id, changes.side)
        changes.order_id,
        changes.loyalty_card_id,
        changes.side,
        changes.seen_at,
        changes.ordered_at,
        changes.order_date
    from changes
    order by changes.order_id, changes.loyalty_card_id, changes.side, changes.seen_at
),

final as (
    select
        netted.order_id,
        netted.loyalty_card_id as card_id,
        netted.side,
        netted.points,
        netted.is_deletion,
        netted.seen_at = firsts.seen_at as is_first,
        -- What was there from the beginning was seen with the balance that followed it.
        case when netted.seen_at > firsts.seen_at then netted.seen_at end as seen_at,
        firsts.ordered_at,
        -- A change is known from the extraction that found it, and not before the order.
        case
            when netted.seen_at = firsts.seen_at then firsts.ordered_at
            else greatest(netted.seen_at at time zone 'UTC', firsts.ordered_at)
        end as entry_at,
        case
            when netted.seen_at = firsts.seen_at then firsts.order_date
            else greatest(netted.seen_date, firsts.order_date)
        end as entry_date
    from netted
    inner join firsts
        on
            netted.order_id = firsts.order_id
            and netted.loyalty_card_id = firsts.loyalty_card_id
            and netted.side = firsts.side
    where netted.points <> 0
)

select * from final
