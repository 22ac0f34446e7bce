with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

lots as (
    select * from {{ published("loyalty_lot") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }}) and facts.lot_state = 'to expire'
),

balances as (
    select * from {{ published("fact_loyalty_balance") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

cards as (
    select * from {{ published("fact_loyalty_card") }} as facts
    where not facts.is_gone
),

ledger as (
    select * from {{ published("fact_loyalty_ledger") }} as facts
    where facts.points < 0 and facts.entry_type <> 'expire'
),

pushed as (
    select * from {{ ref("stg_ops__loyalty_expiry") }}
),

-- What is left in a lot that expired before can expire again, under a name of its own. An expiry is dated by its push,
-- in the ledger too: D knows none that came later. So a day that is built again gives the names that it gave before, by
-- which the push knows what is done.
settled as (
    select
        days.as_of_date,
        pushed.lot_key,
        count(*) as times
    from days
    inner join pushed on days.as_of_date >= pushed.pushed_date
    where pushed.expiry_state in ('done', 'compensated')
    group by days.as_of_date, pushed.lot_key
),

-- The extraction came after midnight. What was used by then is taken off the lots as the push takes off later uses:
-- the oldest first, whatever else the card holds.
uses as (
    select
        days.as_of_date,
        ledger.loyalty_card_sk,
        -sum(ledger.points) as points_used
    from days
    inner join ledger on days.as_of_date < ledger.entry_date
    group by days.as_of_date, ledger.loyalty_card_sk
),

ordered as (
    select
        lots.*,
        sum(lots.points_left) over (
            partition by lots.as_of_date, lots.loyalty_card_sk
            order by lots.last_day, lots.opened_date, lots.lot_key
        ) as points_through
    from lots
),

expiring as (
    select
        ordered.*,
        least(ordered.points_left, ordered.points_through - coalesce(uses.points_used, 0)) as points_expiring
    from ordered
    left join uses
        on ordered.as_of_date = uses.as_of_date and ordered.loyalty_card_sk = uses.loyalty_card_sk
),

final as (
    select
        days.as_of_date,
        'Expired points ' || expiring.lot_key || '/' || coalesce(settled.times, 0) + 1 as expiry_key,
        cards.program_id,
        cards.card_id,
        cards.source_kind,
        cards.partner_id,
        expiring.customer_sk,
        expiring.lot_key,
        expiring.opened_date as lot_earned_date,
        expiring.last_day as expiry_date,
        expiring.points_expiring as points,
        balances.points_balance as balance_before,
        format(
            'Earned on %s, good through %s, warned on %s: %s of %s points were not used.',
            expiring.opened_date, expiring.last_day, expiring.warned_date,
            expiring.points_expiring, expiring.points_opened
        ) as why
    from expiring
    inner join days on expiring.as_of_date = days.as_of_date
    inner join cards on expiring.loyalty_card_sk = cards.loyalty_card_sk
    inner join balances
        on expiring.as_of_date = balances.as_of_date and expiring.loyalty_card_sk = balances.loyalty_card_sk
    left join settled on expiring.as_of_date = settled.as_of_date and expiring.lot_key = settled.lot_key
    where expiring.points_expiring > 0
)

select * from final
