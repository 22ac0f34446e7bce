{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

-- Entries of the ledger as moves between lots, in their order. Moves: open (points into their own lot, or back into
-- the one they are bound to), use (FIFO), expire (the bound lot, then the oldest), take back (the bound lot, then the
-- newest), give back (into the lots that a use came from, else a lot of 30 days).
with lots as (
    select * from {{ ref("loyalty_lot_terms") }}
),

days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_date <= {{ last_as_of_date() }}
),

numbered as (
    select
        days.as_of_date,
        ledger.*,
        row_number() over (
            partition by days.as_of_date, ledger.loyalty_card_sk
            order by ledger.entry_date, ledger.entry_at, ledger.entry_order, ledger.ledger_entry_sk
        )::integer as event_number
    from ledger
    inner join days on ledger.entry_date <= days.as_of_date
),

uses as (
    select
        numbered.as_of_date,
        numbered.loyalty_card_sk,
        numbered.entry_key,
        numbered.event_number
    from numbered
    where numbered.points < 0
),

final as (
    select
        numbered.as_of_date,
        numbered.loyalty_card_sk,
        numbered.event_number,
        numbered.ledger_entry_sk,
        numbered.entry_type,
        numbered.entry_date,
        abs(numbered.points) as points,
        case
            when numbered.points > 0 and (numbered.lot_key is not null or bound_lots.lot_number is not null) then 'open'
            when numbered.points > 0 then 'give back'
            when numbered.entry_type = 'expire' then 'expire'
            when numbered.bound_lot_key is null then 'use'
            else 'take back'
        end as move,
        coalesce(bound_lots.lot_number, own_lots.lot_number) as lot_number,
        bound_lots.last_day as bound_last_day,
        case when numbered.points > 0 then uses.event_number end as returned_event_number
    from numbered
    left join lots as own_lots
        on
            numbered.as_of_date = own_lots.as_of_date
            and numbered.ledger_entry_sk = own_lots.ledger_entry_sk
    left join lots as bound_lots
        on
            numbered.as_of_date = bound_lots.as_of_date
            and numbered.loyalty_card_sk = bound_lots.loyalty_card_sk
            and numbered.bound_lot_key = bound_lots.lot_key
    left join uses
        on
            numbered.as_of_date = uses.as_of_date
            and numbered.loyalty_card_sk = uses.loyalty_card_sk
            and numbered.returned_entry_key = uses.entry_key
            and numbered.event_number > uses.event_number
)

select * from final
