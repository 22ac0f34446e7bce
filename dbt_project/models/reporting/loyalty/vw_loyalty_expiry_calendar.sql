with lots as (
    select * from {{ published("loyalty_lot") }} as facts
    where facts.points_left > 0 and facts.due_date is not null
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        lots.as_of_date,
        programs.program_name,
        coalesce(lots.last_day, lots.due_date) as expiry_date,
        lots.lot_state,
        lots.held_back_because,
        sum(lots.points_left) as points_left,
        round(sum(lots.points_left) * max(programs.point_value), 2) as value_left,
        count(*)::integer as lot_count,
        count(distinct lots.loyalty_card_sk)::integer as card_count,
        warehouse.reporting_currency
    from lots
    inner join programs on lots.loyalty_program_sk = programs.loyalty_program_sk
    cross join warehouse
    group by
        lots.as_of_date,
        programs.program_name,
        coalesce(lots.last_day, lots.due_date),
        lots.lot_state,
        lots.held_back_because,
        warehouse.reporting_currency
)

select * from final
