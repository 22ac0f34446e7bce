with lots as (
    select * from {{ published("loyalty_lot") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }}) and facts.points_left > 0 and facts.customer_sk is not null
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
    where dimension.expiry_mode = 'active'
),

-- Nobody was told yet: 30 days from D at the earliest, later if the points hold longer.
first_warnings as (
    select
        lots.as_of_date,
        lots.customer_sk,
        30 as days_before,
        greatest(lots.due_date, lots.as_of_date + 30) as expiry_date,
        lots.points_left
    from lots
    inner join programs on lots.loyalty_program_sk = programs.loyalty_program_sk
    where lots.warned_date is null and lots.due_date <= lots.as_of_date + 30
),

reminders as (
    select
        lots.as_of_date,
        lots.customer_sk,
        case when lots.last_day = lots.as_of_date + 1 then 1 else 7 end as days_before,
        lots.last_day as expiry_date,
        lots.points_left
    from lots
    inner join programs on lots.loyalty_program_sk = programs.loyalty_program_sk
    where lots.last_day between lots.as_of_date + 1 and lots.as_of_date + 7
),

warnings as (
    select * from first_warnings
    union all
    select * from reminders
),

final as (
    select
        warnings.as_of_date,
        warnings.customer_sk,
        warnings.days_before,
        min(warnings.expiry_date) as expiry_date,
        sum(warnings.points_left) as points
    from warnings
    group by warnings.as_of_date, warnings.customer_sk, warnings.days_before
)

select * from final
