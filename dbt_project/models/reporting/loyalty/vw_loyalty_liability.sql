with liabilities as (
    select * from {{ published("fact_points_liability") }} as facts
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        liabilities.as_of_date,
        programs.program_name,
        programs.expiry_mode,
        liabilities.expiry_month,
        liabilities.points_outstanding,
        liabilities.liability_amount,
        liabilities.lot_count,
        liabilities.card_count,
        warehouse.reporting_currency
    from liabilities
    inner join programs on liabilities.loyalty_program_sk = programs.loyalty_program_sk
    cross join warehouse
)

select * from final
