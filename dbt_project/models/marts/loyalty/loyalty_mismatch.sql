{{
    config(
        key=["as_of_date", "ledger_entry_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.reason in ('opening', 'mismatch')
),

final as (
    select
        days.as_of_date,
        {{ date_key("days.as_of_date") }} as date_sk,
        ledger.ledger_entry_sk,
        ledger.loyalty_card_sk,
        ledger.loyalty_program_sk,
        ledger.customer_sk,
        ledger.reason as mismatch_kind,
        ledger.entry_date as found_date,
        ledger.points as points_unexplained
    from ledger
    inner join days on ledger.entry_date <= days.as_of_date
)

select * from final
