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

orderly_lots as (
    select
        lots.*,
        lots.lot_number = lots.age_number
        and coalesce(
            lots.last_day, 'infinity'
        ) >= coalesce(
            lag(coalesce(lots.last_day, 'infinity')) over (
                partition by lots.as_of_date, lots.loyalty_card_sk order by lots.lot_number
            ),
            '-infinity'
        ) as is_orderly
    from lots
),

timeline as (
    select
        events.as_of_date,
        events.loyalty_card_sk,
        events.entry_date as happened_date,
        1 as part,
        events.event_number as place,
        events.lot_number,
        case when events.move = 'open' then events.points else 0 end as earned,
        case when events.move = 'use' then events.points else 0 end as used,
        0 as falling_due,
        case when events.move = 'expire' then events.points else 0 end as expired,
        events.move in ('open', 'use') or (events.move = 'expire' and events.entry_date > events.bound_last_day)
            as is_plain
    from events
    union all
    -- A lot falls due at the beginning of the day after its last.
    select
        orderly_lots.as_of_date,
        orderly_lots.loyalty_card_sk,
        coalesce(orderly_lots.last_day + 1, 'infinity') as happened_date,
        0 as part,
        orderly_lots.lot_number as place,
        orderly_lots.lot_number,
        0 as earned,
        0 as used,
        case when orderly_lots.last_day <= orderly_lots.as_of_date then orderly_lots.points else 0 end as falling_due,
        0 as expired,
        orderly_lots.is_orderly and not orderly_lots.is_return as is_plain
    from orderly_lots
),

running as (
    select
        timeline.*,
        sum(timeline.earned) over so_far as total_earned,
        sum(timeline.used) over so_far as total_used,
        sum(timeline.falling_due) over so_far as total_due
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
        max(running.total_due - running.total_used) filter (where running.falling_due > 0) over so_far as lift,
        max(running.total_due - running.total_used) filter (where running.falling_due > 0) over before as lift_before
    from running
    window
        so_far as (
            partition by running.as_of_date, running.loyalty_card_sk
            order by running.happened_date, running.part, running.place
            rows unbounded preceding
        ),
        before as (
            partition by running.as_of_date, running.loyalty_card_sk
            order by running.happened_date, running.part, running.place
            rows between unbounded preceding and 1 preceding
        )
),

levels as (
    select
        lifted.*,
        lifted.total_used + greatest(lifted.lift, 0) as level,
        lifted.total_used + greatest(lifted.lift_before, 0) as level_before
    from lifted
),

cards as (
    select
        levels.as_of_date,
        levels.loyalty_card_sk,
        max(levels.level) as final_level,
        bool_and(levels.is_plain) and not bool_or(levels.used > 0 and levels.level > levels.total_earned) as is_plain
    from levels
    group by levels.as_of_date, levels.loyalty_card_sk
),

lot_rows as (
    select
        levels.as_of_date,
        levels.loyalty_card_sk,
        levels.lot_number,
        max(levels.earned) as points,
        max(levels.total_earned) filter (where levels.earned > 0) as end_of_lot,
        max(greatest(levels.total_due - levels.level_before, 0)) filter (where levels.falling_due > 0)
            as left_on_last_day,
        sum(levels.expired) as expired
    from levels
    where levels.earned > 0 or levels.falling_due > 0 or levels.expired > 0
    group by levels.as_of_date, levels.loyalty_card_sk, levels.lot_number
),

measured as (
    select
        lot_rows.*,
        cards.is_plain
        and (lot_rows.expired = 0 or lot_rows.expired = coalesce(lot_rows.left_on_last_day, 0)) as is_plain,
        case
            when lot_rows.left_on_last_day is not null then lot_rows.left_on_last_day - lot_rows.expired
            else
                lot_rows.points
                - least(greatest(cards.final_level - lot_rows.end_of_lot + lot_rows.points, 0), lot_rows.points)
        end as points_left
    from lot_rows
    inner join cards
        on lot_rows.as_of_date = cards.as_of_date and lot_rows.loyalty_card_sk = cards.loyalty_card_sk
),

final as (
    select
        measured.as_of_date,
        measured.loyalty_card_sk,
        measured.lot_number,
        measured.points,
        measured.points_left,
        bool_and(measured.is_plain) over (partition by measured.as_of_date, measured.loyalty_card_sk) as is_plain
    from measured
)

select * from final
