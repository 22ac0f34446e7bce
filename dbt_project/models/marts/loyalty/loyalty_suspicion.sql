{{
    config(
        key=["as_of_date", "loyalty_card_sk", "suspicion"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

-- Of the 30 days that end with D.
with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_date <= {{ last_as_of_date() }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
),

limits as (
    select * from {{ ref("loyalty_limit") }}
),

recent_earnings as (
    select
        days.as_of_date,
        ledger.*
    from ledger
    inner join days on ledger.entry_date between days.as_of_date - 29 and days.as_of_date
    where ledger.entry_type = 'earn'
),

earning_days as (
    select
        recent_earnings.as_of_date,
        recent_earnings.loyalty_card_sk,
        recent_earnings.entry_date,
        count(*) as earn_count,
        sum(recent_earnings.points) as points
    from recent_earnings
    group by recent_earnings.as_of_date, recent_earnings.loyalty_card_sk, recent_earnings.entry_date
),

fast as (
    select
        earning_days.as_of_date,
        earning_days.loyalty_card_sk,
        'many earnings in a day' as suspicion,
        max(earning_days.earn_count) as incident_count,
        sum(earning_days.points) as points
    from earning_days
    inner join limits on limits.limit_code = 'earnings_per_day'
    where earning_days.earn_count > limits.limit_value
    group by earning_days.as_of_date, earning_days.loyalty_card_sk
),

own_referrals as (
    select
        recent_earnings.as_of_date,
        recent_earnings.loyalty_card_sk,
        'referred themselves' as suspicion,
        count(*) as incident_count,
        sum(recent_earnings.points) as points
    from recent_earnings
    where recent_earnings.referred_customer_sk = recent_earnings.customer_sk
    group by recent_earnings.as_of_date, recent_earnings.loyalty_card_sk
),

earned_lots as (
    select
        ledger.loyalty_card_sk,
        ledger.lot_key,
        ledger.order_sk
    from ledger
    where ledger.entry_type = 'earn' and ledger.lot_key is not null
),

-- What orders earned and what was taken back of it. A refund at the till is an order of its own: the lot that it takes
-- from tells which order it is about. One that gives back a use is about no earned points.
of_earnings as (
    select
        ledger.loyalty_card_sk,
        ledger.entry_date,
        ledger.points,
        coalesce(earned_lots.order_sk, ledger.order_sk) as order_sk
    from ledger
    left join earned_lots
        on
            ledger.loyalty_card_sk = earned_lots.loyalty_card_sk
            and ledger.bound_lot_key = earned_lots.lot_key
    where ledger.entry_type = 'earn' or (ledger.entry_type = 'refund' and ledger.points < 0)
),

recent_orders as (
    select distinct
        recent_earnings.as_of_date,
        recent_earnings.loyalty_card_sk,
        recent_earnings.order_sk
    from recent_earnings
),

-- All that D knows of the orders that earned in the 30 days.
kept as (
    select
        recent_orders.as_of_date,
        recent_orders.loyalty_card_sk,
        recent_orders.order_sk,
        sum(of_earnings.points) as points
    from recent_orders
    inner join of_earnings
        on
            recent_orders.loyalty_card_sk = of_earnings.loyalty_card_sk
            and recent_orders.order_sk = of_earnings.order_sk
            and recent_orders.as_of_date >= of_earnings.entry_date
    group by recent_orders.as_of_date, recent_orders.loyalty_card_sk, recent_orders.order_sk
),

refunded as (
    select
        kept.as_of_date,
        kept.loyalty_card_sk,
        'kept points of refunded orders' as suspicion,
        count(*) as incident_count,
        sum(kept.points) as points
    from kept
    inner join orders on kept.order_sk = orders.order_sk
    where kept.points > 0 and not orders.counted_days @> kept.as_of_date
    group by kept.as_of_date, kept.loyalty_card_sk
),

found as (
    select * from fast
    union all
    select * from own_referrals
    union all
    select * from refunded
),

cards as (
    select * from {{ latest("fact_loyalty_card") }} as facts
),

final as (
    select
        found.as_of_date,
        {{ date_key("found.as_of_date") }} as date_sk,
        found.loyalty_card_sk,
        cards.loyalty_program_sk,
        cards.customer_sk,
        found.suspicion,
        found.incident_count::integer as incident_count,
        found.points as suspicious_points
    from found
    inner join cards on found.loyalty_card_sk = cards.loyalty_card_sk
)

select * from final
