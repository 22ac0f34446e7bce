{{
    config(
        key=["as_of_date", "loyalty_lot_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "loyalty_card_sk"]],
    )
}}

with lots as (
    select * from {{ ref("loyalty_lot_terms") }}
),

sums as (
    select * from {{ ref("loyalty_lot_sums") }}
    where is_plain
),

replayed as (
    select * from {{ ref("loyalty_lot_replay") }}
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_type = 'expire' and facts.bound_lot_key is not null
),

expired as (
    select
        lots.as_of_date,
        lots.lot_key,
        -sum(ledger.points) as points_expired
    from lots
    inner join ledger
        on
            lots.loyalty_card_sk = ledger.loyalty_card_sk
            and lots.lot_key = ledger.bound_lot_key
            and lots.as_of_date >= ledger.entry_date
    group by lots.as_of_date, lots.lot_key
),

states as (
    select
        lots.*,
        -- What can be given back to a lot of 30 days shows only by the replay.
        case when lots.is_return then coalesce(replayed.points_put_in, 0) else lots.points end as lot_points,
        coalesce(sums.points_left, replayed.points_left, 0) as points_left,
        coalesce(expired.points_expired, 0) as all_expired
    from lots
    left join sums
        on
            lots.as_of_date = sums.as_of_date
            and lots.loyalty_card_sk = sums.loyalty_card_sk
            and lots.lot_number = sums.lot_number
    left join replayed
        on
            lots.as_of_date = replayed.as_of_date
            and lots.loyalty_card_sk = replayed.loyalty_card_sk
            and lots.lot_number = replayed.lot_number
    left join expired on lots.as_of_date = expired.as_of_date and lots.lot_key = expired.lot_key
),

measured as (
    select
        states.*,
        greatest(least(states.all_expired, states.lot_points - states.points_left), 0) as points_expired
    from states
    where states.lot_points > 0
),

final as (
    select
        {{ surrogate_key(["'lot of points'", "measured.loyalty_card_sk", "measured.lot_key"]) }} as loyalty_lot_sk,
        {{ date_key("measured.as_of_date") }} as date_sk,
        measured.as_of_date,
        measured.loyalty_card_sk,
        measured.loyalty_program_sk,
        measured.customer_sk,
        measured.lot_key,
        measured.opened_date,
        measured.lot_points as points_opened,
        measured.points_left,
        measured.points_expired,
        measured.lot_points - measured.points_left - measured.points_expired as points_used,
        measured.due_date,
        measured.warned_date,
        measured.last_day,
        case
            when measured.points_left = 0 and measured.points_expired > 0 then 'expired'
            when measured.points_left = 0 then 'used up'
            when measured.last_day <= measured.as_of_date then 'to expire'
            else 'open'
        end as lot_state,
        case
            when measured.expiry_mode <> 'active' then measured.expiry_mode
            when measured.due_date <= measured.as_of_date and measured.warned_date is null then 'not warned'
            when measured.due_date <= measured.as_of_date and measured.last_day > measured.as_of_date
                then 'warned less than 30 days ago'
        end as held_back_because
    from measured
)

select * from final
