{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

-- FIFO event by event, for the cards that loyalty_lot_sums cannot do: a step of the recursion is one event of one card,
-- its state what is left in every lot of the card, in the order in which they are used.
with lots as (
    select * from {{ ref("loyalty_lot_terms") }}
),

events as (
    select * from {{ ref("loyalty_lot_events") }}
),

sums as (
    select * from {{ ref("loyalty_lot_sums") }}
),

plain_cards as (
    select distinct
        sums.as_of_date,
        sums.loyalty_card_sk
    from sums
    where sums.is_plain
),

other_events as (
    select events.*
    from events
    left join plain_cards
        on events.as_of_date = plain_cards.as_of_date and events.loyalty_card_sk = plain_cards.loyalty_card_sk
    where plain_cards.loyalty_card_sk is null
),

-- Uses of which something comes back: what they took from each lot is remembered, one slot for each.
remembered as (
    select
        returns.as_of_date,
        returns.loyalty_card_sk,
        returns.returned_event_number as event_number,
        row_number() over (
            partition by returns.as_of_date, returns.loyalty_card_sk order by returns.returned_event_number
        ) as slot
    from (
        select distinct
            other_events.as_of_date,
            other_events.loyalty_card_sk,
            other_events.returned_event_number
        from other_events
        where other_events.returned_event_number is not null
    ) as returns
),

event_lists as (
    select
        other_events.as_of_date,
        other_events.loyalty_card_sk,
        count(*)::integer as event_count,
        coalesce(max(remembered.slot), 0)::integer as slot_count,
        array_agg(other_events.move order by other_events.event_number) as moves,
        array_agg(other_events.points order by other_events.event_number) as amounts,
        array_agg(other_events.entry_date order by other_events.event_number) as event_dates,
        array_agg(coalesce(other_events.lot_number, 0) order by other_events.event_number) as event_lots,
        array_agg(coalesce(remembered.slot, 0)::integer order by other_events.event_number) as slots
    from other_events
    left join remembered
        on
            other_events.as_of_date = remembered.as_of_date
            and other_events.loyalty_card_sk = remembered.loyalty_card_sk
            and remembered.event_number
            = case
                when other_events.move = 'give back' then other_events.returned_event_number
                else other_events.event_number
            end
    group by other_events.as_of_date, other_events.loyalty_card_sk
),

lot_lists as (
    select
        lots.as_of_date,
        lots.loyalty_card_sk,
        count(*)::integer as lot_count,
        array_agg(coalesce(lots.last_day, 'infinity') order by lots.lot_number) as last_days,
        array_agg(lots.age_number order by lots.lot_number) as ages
    from lots
    group by lots.as_of_date, lots.loyalty_card_sk
),

-- A card below zero from the start has no lot: nothing to replay.
cards as (
    select
        event_lists.*,
        lot_lists.lot_count,
        lot_lists.last_days,
        lot_lists.ages
    from event_lists
    inner join lot_lists
        on
            event_lists.as_of_date = lot_lists.as_of_date
            and event_lists.loyalty_card_sk = lot_lists.loyalty_card_sk
),

replayed as (
    select
        cards.as_of_date,
        cards.loyalty_card_sk,
        ends.points_left,
        ends.points_put_in
    from cards
    cross join lateral (
        {{ replay_of_lots("cards") }}
    ) as ends
),

final as (
    select
        replayed.as_of_date,
        replayed.loyalty_card_sk,
        lots.lot_number::integer as lot_number,
        lots.points_left,
        lots.points_put_in
    from replayed
    cross join
        lateral unnest(replayed.points_left, replayed.points_put_in)
        with ordinality as lots (points_left, points_put_in, lot_number)
)

select * from final
