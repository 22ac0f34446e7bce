with balances as (
    select * from {{ published("fact_loyalty_balance") }} as facts
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

final as (
    select
        balances.as_of_date,
        programs.program_name,
        balances.loyalty_tier_code,
        balances.loyalty_tier_name,
        balances.loyalty_tier_level,
        count(*)::integer as member_count,
        sum(balances.points_balance) as points_balance,
        sum(balances.points_lifetime) as points_lifetime,
        sum(balances.points_redeemed) as points_redeemed,
        round(avg(balances.points_to_next_tier), 2) as mean_points_to_next_tier
    from balances
    inner join programs on balances.loyalty_program_sk = programs.loyalty_program_sk
    group by
        balances.as_of_date,
        programs.program_name,
        balances.loyalty_tier_code,
        balances.loyalty_tier_name,
        balances.loyalty_tier_level
)

select * from final
