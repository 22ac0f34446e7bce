{{
    config(
        key=["as_of_date", "points_liability_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "loyalty_program_sk"]],
    )
}}

with lots as (
    select * from {{ latest("loyalty_lot") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }}) and facts.points_left > 0
),

programs as (
    select * from {{ latest("dim_loyalty_program") }} as dimension
),

-- A lot that is held back will expire later than its date says.
months as (
    select
        lots.as_of_date,
        lots.loyalty_program_sk,
        date_trunc(
            'month', greatest(coalesce(lots.last_day, lots.due_date, 'infinity'), lots.as_of_date)
        )::date as expiry_month,
        lots.loyalty_card_sk,
        lots.points_left
    from lots
),

summed as (
    select
        months.as_of_date,
        months.loyalty_program_sk,
        months.expiry_month,
        sum(months.points_left) as points_outstanding,
        count(*) as lot_count,
        count(distinct months.loyalty_card_sk) as card_count
    from months
    group by months.as_of_date, months.loyalty_program_sk, months.expiry_month
),

final as (
    select
        {{ surrogate_key(["'liability'", "summed.loyalty_program_sk", "summed.expiry_month"]) }}
            as points_liability_sk,
        {{ date_key("summed.as_of_date") }} as date_sk,
        summed.as_of_date,
        summed.loyalty_program_sk,
        case when summed.expiry_month <> 'infinity' then summed.expiry_month end as expiry_month,
        summed.points_outstanding,
        round(summed.points_outstanding * programs.point_value, 2) as liability_amount,
        summed.lot_count::integer as lot_count,
        summed.card_count::integer as card_count
    from summed
    inner join programs on summed.loyalty_program_sk = programs.loyalty_program_sk
)

select * from final
