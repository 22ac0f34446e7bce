{{ config(key=["tier_sk"]) }}

with levels as (
    select * from {{ ref("customer_tier_level") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

-- Amounts in another currency mean nothing here: such a shop goes by its own quantiles.
priced as (
    select
        levels.*,
        case
            when levels.currency_code = warehouse.reporting_currency then levels.min_annual_spend
        end as min_spend_in_reporting_currency
    from levels
    cross join warehouse
),

final as (
    select
        {{ surrogate_key(["'tier'", "priced.tier_code"]) }} as tier_sk,
        priced.tier_code,
        priced.tier_name,
        priced.tier_level,
        priced.min_spend_in_reporting_currency as min_annual_spend,
        lead(priced.min_spend_in_reporting_currency) over (order by priced.tier_level) as max_annual_spend,
        case when priced.min_spend_in_reporting_currency is null then priced.spend_quantile end as spend_quantile,
        priced.min_order_frequency,
        priced.benefits_description,
        priced.discount_percentage,
        priced.priority_support,
        priced.is_active
    from priced
)

select * from final
