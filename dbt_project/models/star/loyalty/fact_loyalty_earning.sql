{{ config(key=["loyalty_card_sk", "order_sk"], reader_indexes=[["order_date"]]) }}

-- The audit of what orders earned. What a rule cannot be put into one number for has no expectation.
with ledger as (
    select * from {{ latest("fact_loyalty_ledger") }} as facts
    where facts.entry_type = 'earn'
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

accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

addon_programs as (
    select * from {{ ref("stg_odoo__points_program") }}
),

addon_tiers as (
    {{ addon_tiers("addon_programs") }}
),

addon_earnings as (
    select
        ledger.loyalty_card_sk,
        ledger.order_sk,
        ledger.program_id,
        ledger.entry_at,
        ledger.entry_order,
        ledger.ledger_entry_sk,
        case
            when coalesce(accounts.tier_qualified_at, '-infinity') < ledger.entry_at then lower(accounts.tier_code)
        end as standing_tier_code,
        coalesce(
            sum(ledger.points) over (
                partition by ledger.loyalty_card_sk
                order by ledger.entry_at, ledger.entry_order, ledger.ledger_entry_sk
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as points_before
    from ledger
    left join accounts on ledger.card_id = accounts.loyalty_account_id
    where ledger.source_kind = 'addon'
),

multipliers as (
    select distinct on (addon_earnings.loyalty_card_sk, addon_earnings.order_sk)
        addon_earnings.loyalty_card_sk,
        addon_earnings.order_sk,
        addon_tiers.points_multiplier
    from addon_earnings
    inner join addon_tiers
        on
            addon_earnings.program_id = addon_tiers.points_program_id
            and {{ is_addon_tier_of("addon_earnings", "addon_tiers") }}
    where addon_earnings.order_sk is not null
    order by
        addon_earnings.loyalty_card_sk,
        addon_earnings.order_sk,
        addon_earnings.entry_at,
        addon_earnings.entry_order,
        addon_earnings.ledger_entry_sk,
        addon_tiers.min_points desc nulls last
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
    where ledger.order_sk is not null
    group by ledger.loyalty_card_sk, ledger.loyalty_program_sk, ledger.customer_sk, ledger.order_sk
),

orders as (
    select
        sales.order_sk,
        min(sales.sale_date) as order_date,
        round(sum(sales.gross_in_order_currency), 2) as gross_amount
    from sales
    where sales.order_sk in (select earned.order_sk from earned)
    group by sales.order_sk
),

expected as (
    select
        earned.*,
        orders.order_date,
        orders.gross_amount,
        coalesce(multipliers.points_multiplier, 1) as points_multiplier,
        case
            when programs.source_kind = 'addon'
                then
                    {{ addon_order_points(
                        "programs.points_per_money", "orders.gross_amount", "multipliers.points_multiplier"
                    ) }}
            else round(programs.points_per_order + programs.points_per_money * greatest(orders.gross_amount, 0), 2)
        end as points_expected
    from earned
    inner join orders on earned.order_sk = orders.order_sk
    inner join programs on earned.loyalty_program_sk = programs.loyalty_program_sk
    left join multipliers
        on earned.loyalty_card_sk = multipliers.loyalty_card_sk and earned.order_sk = multipliers.order_sk
),

final as (
    select
        expected.loyalty_card_sk,
        expected.loyalty_program_sk,
        expected.customer_sk,
        expected.order_sk,
        expected.order_date,
        expected.earned_date,
        expected.gross_amount,
        expected.points_earned,
        expected.points_multiplier,
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
