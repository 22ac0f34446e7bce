{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

-- FIFO by sums, in one pass over one sort, for the plain cards: lots fall due in the order in which they were earned.
-- Points leave such a card as water leaves a well: the level is all that was used or has expired. A lot's last day
-- lifts it to the end of that lot, so
--     level = used + the largest of 0 and (end of a lot that fell due - used by then).
-- Where the level passes what was earned (a card below zero), and wherever anything is bound to a lot in another way
-- than an expiry that took just what was left, loyalty_lot_replay goes event by event instead.
with lots as (
    select * from {{ ref("loyalty_lot_terms") }}
),

events as (
    select * from {{ ref("loyalty_lot_events") }}
),

-- Read by itself: twice from one expression would keep all events in memory.
expiries as (
    select * from {{ ref("loyalty_lot_events") }}
    where move = 'expire'
),

expired_lots as (
    select
        expiries.as_of_date,
        expiries.loyalty_card_sk,
        expiries.lot_number,
        sum(expiries.points) as expired
    from expiries
    group by expiries.as_of_date, expiries.loyalty_card_sk, expiries.lot_number
),

timeline as (
    select
        events.as_of_date,
        events.loyalty_card_sk,
        events.entry_date as happened_date,
        1 as part,
        events.event_number as place,
        case when events.move = 'open' then events.points else 0 end as earned,
        case when events.move = 'use' then events.points else 0 end as used,
        0 as lot_points,
        false as has_fallen_due,
        0 as expired,
        events.move in ('open', 'use')
        -- One that names no lot is not plain.
        or (events.move = 'expire' and coalesce(events.entry_date > events.bound_last_day, false)) as is_plain
    from events
    union all
    -- A lot falls due at the beginning of the day after its last.
    select
        lots.as_of_date,
        lots.loyalty_card_sk,
        coalesce(lots.last_day + 1, 'infinity') as happened_date,
        0 as part,
        lots.lot_number as place,
        0 as earned,
        0 as used,
        lots.points as lot_points,
        coalesce(lots.last_day <= lots.as_of_date, false) as has_fallen_due,
        coalesce(expired_lots.expired, 0) as expired,
        lots.lot_number = lots.age_number and not lots.is_return as is_plain
    from lots
    left join expired_lots
        on
            lots.as_of_date = expired_lots.as_of_date
            and lots.loyalty_card_sk = expired_lots.loyalty_card_sk
            and lots.lot_number = expired_lots.lot_number
),

-- Every window below stands on this one order. Lots that have not fallen due come last.
running as (
    select
        timeline.*,
        sum(timeline.earned) over so_far as total_earned,
        sum(timeline.used) over so_far as total_used,
        sum(timeline.lot_points) over so_far as end_of_lot,
        count(*) filter (where timeline.part = 0) over so_far as lot_count
    from timeline
    window
        so_far as (
            partition by timeline.as_of_date, timeline.loyalty_card_sk
            order by timeline.happened_date, timeline.part, timeline.place
            rows unbounded preceding
        )
),

lifted as (
    select
        running.*,
        greatest(
            max(running.end_of_lot - running.total_used) filter (where running.has_fallen_due) over (
                partition by running.as_of_date, running.loyalty_card_sk
                order by running.happened_date, running.part, running.place
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as lift_before
    from running
    -- What is earned has done its part in the sums.
    where running.part = 0 or running.used > 0 or not running.is_plain
),

levels as (
    select
        lifted.*,
        lifted.total_used + lifted.lift_before as level_before,
        greatest(lifted.end_of_lot - lifted.total_used - lifted.lift_before, 0) as left_above
    from lifted
),

judged as (
    select
        levels.*,
        case
            -- Lots fall due in their order, and an expiry took all of what was left.
            when levels.part = 0
                then
                    levels.is_plain
                    and levels.lot_count = levels.place
                    and levels.expired in (0, levels.left_above)
            else levels.is_plain and (levels.used = 0 or levels.level_before <= levels.total_earned)
        end as is_in_order
    from levels
),

cards as (
    select
        judged.*,
        bool_and(judged.is_in_order) over (partition by judged.as_of_date, judged.loyalty_card_sk) as is_plain_card
    from judged
    where judged.part = 0 or not judged.is_in_order
),

final as (
    select
        cards.as_of_date,
        cards.loyalty_card_sk,
        cards.place as lot_number,
        cards.lot_points as points,
        case
            when cards.has_fallen_due then cards.left_above - cards.expired
            else least(cards.left_above, cards.lot_points)
        end as points_left,
        cards.is_plain_card as is_plain
    from cards
    where cards.part = 0
)

select * from final
