with months as (
    select * from {{ published("loyalty_roll_forward") }} as facts
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

final as (
    select
        months.as_of_date,
        programs.program_name,
        months.month_start_date,
        months.points_opening,
        months.points_earned,
        months.points_redeemed,
        months.points_expired,
        months.points_refunded,
        months.points_transferred,
        months.points_adjusted,
        months.points_closing
    from months
    inner join programs on months.loyalty_program_sk = programs.loyalty_program_sk
)

select * from final
