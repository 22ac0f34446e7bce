{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

-- Every lot that was ever opened by D, and until when its points hold. Where a use is given back, there is a lot for
-- what cannot return to the lots that it came from: 30 days.
with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.points > 0 and facts.entry_date <= {{ last_as_of_date() }}
),

programs as (
    select * from {{ latest("dim_loyalty_program") }} as dimension
),

warnings as (
    select * from {{ ref("stg_ops__points_warning") }}
),

lots as (
    select
        days.as_of_date,
        ledger.loyalty_card_sk,
        ledger.loyalty_program_sk,
        ledger.customer_sk,
        ledger.ledger_entry_sk,
        coalesce(ledger.lot_key, ledger.source_kind || '-r-' || ledger.entry_key) as lot_key,
        ledger.lot_key is null as is_return,
        ledger.points,
        ledger.entry_date as opened_date,
        ledger.entry_at,
        ledger.entry_order,
        programs.expiry_mode,
        programs.first_expiry_date,
        case
            when programs.expiry_months is null then null
            when ledger.lot_key is null then ledger.entry_date + 30
            else coalesce(
                ledger.own_expiry_date, (ledger.entry_date + make_interval(months => programs.expiry_months))::date
            )
        end as term_date
    from ledger
    inner join days on ledger.entry_date <= days.as_of_date
    inner join programs on ledger.loyalty_program_sk = programs.loyalty_program_sk
),

-- Nothing expires in the first 30 days after activation.
due as (
    select
        lots.*,
        case
            when lots.expiry_mode = 'active' then greatest(lots.term_date, lots.first_expiry_date)
            else lots.term_date
        end as due_date
    from lots
),

-- The first warning whose 30 days reached the lot. It was built as of the day before it went out; that it was sent is
-- learned by the push that follows the night of that day, so only the next day knows, whenever it is built.
warned as (
    select
        due.as_of_date,
        due.ledger_entry_sk,
        min(warnings.warned_date) as warned_date
    from due
    inner join warnings
        on
            due.customer_sk = warnings.customer_sk
            and due.as_of_date > warnings.warned_date
            and due.opened_date < warnings.warned_date
            and due.due_date <= warnings.warned_date - 1 + 30
    where due.expiry_mode = 'active'
    group by due.as_of_date, due.ledger_entry_sk
),

final as (
    select
        due.*,
        warned.warned_date,
        -- Through this day the points can be used. A late warning leaves its 30 days all the same.
        greatest(due.due_date, warned.warned_date - 1 + 30) as last_day,
        row_number() over (
            partition by due.as_of_date, due.loyalty_card_sk
            order by due.due_date, due.opened_date, due.entry_at, due.entry_order, due.ledger_entry_sk
        )::integer as lot_number,
        row_number() over (
            partition by due.as_of_date, due.loyalty_card_sk
            order by due.opened_date, due.entry_at, due.entry_order, due.ledger_entry_sk
        )::integer as age_number
    from due
    left join warned on due.as_of_date = warned.as_of_date and due.ledger_entry_sk = warned.ledger_entry_sk
)

select
    final.as_of_date,
    final.loyalty_card_sk,
    final.loyalty_program_sk,
    final.customer_sk,
    final.ledger_entry_sk,
    final.lot_key,
    final.is_return,
    final.points,
    final.opened_date,
    final.expiry_mode,
    final.due_date,
    final.warned_date,
    case when final.warned_date is not null then final.last_day end as last_day,
    final.lot_number,
    final.age_number
from final
