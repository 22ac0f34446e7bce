{{
    config(
        key=["as_of_date", "loyalty_card_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "customer_sk"]],
    )
}}

with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

cards as (
    select * from {{ latest("fact_loyalty_card") }} as facts
),

programs as (
    select * from {{ latest("dim_loyalty_program") }} as dimension
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_date <= {{ last_as_of_date() }}
),

lots as (
    select * from {{ latest("loyalty_lot") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

tiers as (
    select
        tiers.*,
        lead(tiers.tier_code) over (order by tiers.tier_level) as next_tier_code,
        lead(tiers.min_lifetime_points) over (order by tiers.tier_level) as next_min_points
    from {{ ref("loyalty_tier") }} as tiers
),

movements as (
    select
        days.as_of_date,
        ledger.loyalty_card_sk,
        sum(ledger.points) as points_balance,
        coalesce(sum(ledger.points) filter (where ledger.entry_type = 'earn'), 0) as points_earned,
        coalesce(-sum(ledger.points) filter (where ledger.entry_type = 'redeem'), 0) as points_redeemed,
        coalesce(-sum(ledger.points) filter (where ledger.entry_type = 'expire'), 0) as points_expired,
        coalesce(sum(ledger.points) filter (where ledger.entry_type = 'refund'), 0) as points_refunded,
        coalesce(sum(ledger.points) filter (where ledger.entry_type in ('adjust', 'transfer')), 0) as points_adjusted,
        -- Points that came in other than by an order count as well; what an order's refund took does not. A mismatch
        -- that came and went again is nothing; one that only went may be a use.
        greatest(
            coalesce(
                sum(ledger.points) filter (
                    where (
                        ledger.points > 0
                        and ledger.entry_type in ('earn', 'adjust')
                        and ledger.reason is distinct from 'mismatch'
                    )
                    or (ledger.points < 0 and ledger.entry_type = 'refund')
                ),
                0
            )
            + greatest(coalesce(sum(ledger.points) filter (where ledger.reason = 'mismatch'), 0), 0),
            0
        ) as points_lifetime,
        max(ledger.entry_date) filter (where ledger.entry_type = 'earn') as last_earned_date,
        max(ledger.entry_date) filter (where ledger.entry_type = 'redeem') as last_redeemed_date,
        coalesce(
            sum(ledger.points) filter (where ledger.reason in ('opening', 'mismatch')), 0
        ) as points_unexplained
    from ledger
    inner join days on ledger.entry_date <= days.as_of_date
    group by days.as_of_date, ledger.loyalty_card_sk
),

in_lots as (
    select
        lots.as_of_date,
        lots.loyalty_card_sk,
        sum(lots.points_left) as points_in_lots,
        sum(lots.points_left) filter (where lots.lot_state = 'to expire') as points_to_expire,
        min(lots.due_date) filter (where lots.lot_state = 'open') as next_due_date,
        sum(lots.points_left) filter (where lots.due_date <= lots.as_of_date + 30) as points_due_in_30_days
    from lots
    where lots.points_left > 0
    group by lots.as_of_date, lots.loyalty_card_sk
),

final as (
    select
        days.as_of_date,
        {{ date_key("days.as_of_date") }} as date_sk,
        cards.loyalty_card_sk,
        cards.loyalty_program_sk,
        cards.customer_sk,
        coalesce(movements.points_balance, 0) as points_balance,
        coalesce(movements.points_earned, 0) as points_earned,
        coalesce(movements.points_redeemed, 0) as points_redeemed,
        coalesce(movements.points_expired, 0) as points_expired,
        coalesce(movements.points_refunded, 0) as points_refunded,
        coalesce(movements.points_adjusted, 0) as points_adjusted,
        coalesce(movements.points_unexplained, 0) as points_unexplained,
        coalesce(movements.points_lifetime, 0) as points_lifetime,
        coalesce(in_lots.points_in_lots, 0) as points_in_lots,
        coalesce(in_lots.points_in_lots, 0) - coalesce(movements.points_balance, 0) as points_overdrawn,
        coalesce(in_lots.points_to_expire, 0) as points_to_expire,
        in_lots.next_due_date,
        case when programs.expiry_mode = 'active' then coalesce(in_lots.points_due_in_30_days, 0) else 0 end
            as points_at_risk,
        movements.last_earned_date,
        movements.last_redeemed_date,
        coalesce(cards.source_tier_code, tiers.tier_code) as loyalty_tier_code,
        coalesce(named_tiers.tier_name, tiers.tier_name) as loyalty_tier_name,
        coalesce(named_tiers.tier_level, tiers.tier_level) as loyalty_tier_level,
        case when cards.source_tier_code is null then tiers.next_tier_code end as next_tier_code,
        case
            when cards.source_tier_code is null
                then greatest(tiers.next_min_points - coalesce(movements.points_lifetime, 0), 0)
        end as points_to_next_tier,
        round(coalesce(movements.points_balance, 0) * programs.point_value, 2) as balance_value
    from cards
    inner join days on cards.created_date is null or cards.created_date <= days.as_of_date
    inner join programs on cards.loyalty_program_sk = programs.loyalty_program_sk
    left join movements on days.as_of_date = movements.as_of_date and cards.loyalty_card_sk = movements.loyalty_card_sk
    left join in_lots on days.as_of_date = in_lots.as_of_date and cards.loyalty_card_sk = in_lots.loyalty_card_sk
    left join tiers
        on
            coalesce(movements.points_lifetime, 0) >= tiers.min_lifetime_points
            and coalesce(movements.points_lifetime, 0) < coalesce(tiers.next_min_points, 'infinity')
    left join tiers as named_tiers on cards.source_tier_code = named_tiers.tier_code
)

select * from final
