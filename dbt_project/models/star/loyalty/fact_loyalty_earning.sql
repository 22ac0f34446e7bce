{{ config(key=["loyalty_card_sk", "order_sk"], reader_indexes=[["order_date"]]) }}

-- The audit of what orders earned. What a rule cannot be put into one number for has no expectation.
with ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.order_sk is not null and facts.entry_type = 'earn'
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where not facts.is_refund
),

programs as (
    select * from {{ latest("dim_loyalty_program") }} as dimension
),

limits as (
    select * from {{ ref("loyalty_limit") }}
    where limit_code = 'earn_tolerance_points'
),

earned as (
    select
        ledger.loyalty_card_sk,
        ledger.loyalty_program_sk,
        ledger.customer_sk,
        ledger.order_sk,
        min(ledger.entry_date) as earned_date,
        sum(ledger.points) as points_earned
    from ledger
    group by ledger.loyalty_card_sk, ledger.loyalty_program_sk, ledger.customer_sk, ledger.order_sk
),

orders as (
    select
        sales.order_sk,
        min(sales.sale_date) as order_date,
        sum(sales.gross_in_order_currency) as gross_amount
    from sales
    where sales.order_sk in (select earned.order_sk from earned)
    group by sales.order_sk
),

expected as (
    select
        earned.*,
        orders.order_date,
        orders.gross_amount,
        round(programs.points_per_order + programs.points_per_money * greatest(orders.gross_amount, 0), 2)
            as points_expected
    from earned
    inner join orders on earned.order_sk = orders.order_sk
    inner join programs on earned.loyalty_program_sk = programs.loyalty_program_sk
),

final as (
    select
        expected.loyalty_card_sk,
        expected.loyalty_program_sk,
        expected.customer_sk,
        expected.order_sk,
        expected.order_date,
        expected.earned_date,
        round(expected.gross_amount, 2) as gross_amount,
        expected.points_earned,
        expected.points_expected,
        expected.points_earned - expected.points_expected as points_deviation,
        case
            when expected.points_expected is null then 'no expectation'
            when expected.points_earned > expected.points_expected + limits.limit_value then 'too many'
            when expected.points_earned < expected.points_expected - limits.limit_value then 'too few'
            else 'as expected'
        end as verdict
    from expected
    cross join limits
)

select * from final
