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

final as (
    select
        days.as_of_date,
        'Expired points ' || lots.lot_key || '/' || coalesce(settled.times, 0) + 1 as expiry_key,
        cards.program_id,
        cards.card_id,
        cards.source_kind,
        cards.partner_id,
        lots.customer_sk,
        lots.lot_key,
        lots.opened_date as lot_earned_date,
        lots.last_day as expiry_date,
        lots.points_left as points,
        balances.points_balance as balance_before,
        format(
            'Earned on %s, good through %s, warned on %s: %s of %s points were not used.',
            lots.opened_date, lots.last_day, lots.warned_date, lots.points_left, lots.points_opened
        ) as why
    from lots
    inner join days on lots.as_of_date = days.as_of_date
    inner join cards on lots.loyalty_card_sk = cards.loyalty_card_sk
    inner join balances on lots.as_of_date = balances.as_of_date and lots.loyalty_card_sk = balances.loyalty_card_sk
    left join settled on lots.as_of_date = settled.as_of_date and lots.lot_key = settled.lot_key
)

select * from final
