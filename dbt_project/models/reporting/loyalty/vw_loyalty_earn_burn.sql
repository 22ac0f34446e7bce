with months as (
    select * from {{ published("loyalty_roll_forward") }} as facts
),

breakage as (
    select * from {{ published("loyalty_breakage") }} as facts
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

final as (
    select
        months.as_of_date,
        programs.program_name,
        months.month_start_date,
        months.points_earned,
        months.points_redeemed,
        months.points_expired,
        round(100 * months.points_redeemed / nullif(months.points_earned, 0), 2) as burn_rate,
        months.earning_card_count,
        months.redeeming_card_count,
        months.referral_count,
        months.points_from_referrals,
        breakage.points_left as points_left_of_month,
        breakage.breakage_rate
    from months
    inner join programs on months.loyalty_program_sk = programs.loyalty_program_sk
    left join breakage
        on
            months.as_of_date = breakage.as_of_date
            and months.loyalty_program_sk = breakage.loyalty_program_sk
            and months.month_start_date = breakage.opened_month
)

select * from final
