{{
    config(
        key=["as_of_date", "loyalty_program_sk", "month_start_date"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

-- Every month from a program's first movement to D's own, months without movements too.
with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

-- Odoo's own loyalty knows no referrals.
ledger as (
    select
        facts.*,
        facts.source_kind = 'addon' and facts.entry_type = 'earn' and lower(facts.reason) = 'referral' as is_referral
    from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_date <= {{ last_as_of_date() }}
),

moved as (
    select
        days.as_of_date,
        ledger.loyalty_program_sk,
        date_trunc('month', ledger.entry_date)::date as month_start_date,
        sum(ledger.points) as points_change,
        sum(ledger.points) filter (where ledger.entry_type = 'earn') as points_earned,
        -sum(ledger.points) filter (where ledger.entry_type = 'redeem') as points_redeemed,
        -sum(ledger.points) filter (where ledger.entry_type = 'expire') as points_expired,
        sum(ledger.points) filter (where ledger.entry_type = 'refund') as points_refunded,
        sum(ledger.points) filter (where ledger.entry_type = 'transfer') as points_transferred,
        sum(ledger.points) filter (where ledger.entry_type = 'adjust') as points_adjusted,
        count(distinct ledger.loyalty_card_sk) filter (where ledger.entry_type = 'earn') as earning_card_count,
        count(distinct ledger.loyalty_card_sk) filter (where ledger.entry_type = 'redeem') as redeeming_card_count,
        count(*) filter (where ledger.is_referral) as referral_count,
        sum(ledger.points) filter (where ledger.is_referral) as points_from_referrals
    from ledger
    inner join days on ledger.entry_date <= days.as_of_date
    group by days.as_of_date, ledger.loyalty_program_sk, date_trunc('month', ledger.entry_date)
),

spans as (
    select
        moved.as_of_date,
        moved.loyalty_program_sk,
        min(moved.month_start_date) as first_month
    from moved
    group by moved.as_of_date, moved.loyalty_program_sk
),

months as (
    select
        spans.as_of_date,
        spans.loyalty_program_sk,
        months.month_start::date as month_start_date
    from spans
    cross join lateral generate_series(spans.first_month, spans.as_of_date, interval '1 month') as months (month_start)
),

carried as (
    select
        months.as_of_date,
        months.loyalty_program_sk,
        months.month_start_date,
        moved.points_earned,
        moved.points_redeemed,
        moved.points_expired,
        moved.points_refunded,
        moved.points_transferred,
        moved.points_adjusted,
        moved.earning_card_count,
        moved.redeeming_card_count,
        moved.referral_count,
        moved.points_from_referrals,
        coalesce(moved.points_change, 0) as points_change,
        sum(coalesce(moved.points_change, 0)) over (
            partition by months.as_of_date, months.loyalty_program_sk order by months.month_start_date
        ) as points_closing
    from months
    left join moved
        on
            months.as_of_date = moved.as_of_date
            and months.loyalty_program_sk = moved.loyalty_program_sk
            and months.month_start_date = moved.month_start_date
),

final as (
    select
        carried.as_of_date,
        {{ date_key("carried.as_of_date") }} as date_sk,
        carried.loyalty_program_sk,
        carried.month_start_date,
        carried.points_closing - carried.points_change as points_opening,
        coalesce(carried.points_earned, 0) as points_earned,
        coalesce(carried.points_redeemed, 0) as points_redeemed,
        coalesce(carried.points_expired, 0) as points_expired,
        coalesce(carried.points_refunded, 0) as points_refunded,
        coalesce(carried.points_transferred, 0) as points_transferred,
        coalesce(carried.points_adjusted, 0) as points_adjusted,
        carried.points_closing,
        coalesce(carried.earning_card_count, 0)::integer as earning_card_count,
        coalesce(carried.redeeming_card_count, 0)::integer as redeeming_card_count,
        coalesce(carried.referral_count, 0)::integer as referral_count,
        coalesce(carried.points_from_referrals, 0) as points_from_referrals
    from carried
)

select * from final
