with balances as (
    select * from {{ published("fact_loyalty_balance") }} as facts
    where facts.points_at_risk > 0
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        balances.as_of_date,
        customers.customer_code,
        programs.program_name,
        balances.loyalty_tier_code,
        balances.points_balance,
        balances.points_at_risk,
        round(balances.points_at_risk * programs.point_value, 2) as value_at_risk,
        balances.next_due_date,
        balances.last_earned_date,
        balances.last_redeemed_date,
        warehouse.reporting_currency
    from balances
    inner join programs on balances.loyalty_program_sk = programs.loyalty_program_sk
    inner join customers on balances.customer_sk = customers.customer_sk
    cross join warehouse
)

select * from final
