{{
    config(
        key=["as_of_date", "customer_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "tier_sk"]],
    )
}}

-- Of D and the day before, with which it is compared.
with measures as (
    select * from {{ ref("rfm_customer_measures") }}
),

tiers as (
    select * from {{ latest("dim_customer_tier") }} as dimension
    where dimension.is_active
),

-- A quantile is that of the customers who ordered in the 365 days.
quantiles as (
    select
        measures.as_of_date,
        tiers.tier_sk,
        round(
            (percentile_cont(tiers.spend_quantile) within group (order by measures.total_spend_365_days))::numeric, 2
        ) as min_annual_spend
    from measures
    cross join tiers
    where measures.order_count_365_days > 0 and tiers.spend_quantile is not null
    group by measures.as_of_date, tiers.tier_sk, tiers.spend_quantile
),

requirements as (
    select
        days.as_of_date,
        tiers.tier_sk,
        tiers.tier_level,
        coalesce(tiers.min_annual_spend, quantiles.min_annual_spend) as min_annual_spend,
        tiers.min_order_frequency
    from (select distinct measures.as_of_date from measures) as days
    cross join tiers
    left join quantiles on days.as_of_date = quantiles.as_of_date and tiers.tier_sk = quantiles.tier_sk
),

reached as (
    select distinct on (measures.as_of_date, measures.customer_sk)
        measures.as_of_date,
        measures.customer_sk,
        measures.total_spend_365_days as annual_spend,
        measures.order_count_365_days as annual_order_count,
        requirements.tier_sk,
        requirements.tier_level
    from measures
    inner join requirements
        on
            measures.as_of_date = requirements.as_of_date
            and coalesce(measures.total_spend_365_days >= requirements.min_annual_spend, true)
            and coalesce(measures.order_count_365_days >= requirements.min_order_frequency, true)
    order by measures.as_of_date asc, measures.customer_sk asc, requirements.tier_level desc
),

next_levels as (
    select
        requirements.*,
        lag(requirements.tier_level) over (
            partition by requirements.as_of_date order by requirements.tier_level
        ) as level_below
    from requirements
),

final as (
    select
        {{ surrogate_key(["'customer tier'", "reached.as_of_date", "reached.customer_sk"]) }} as customer_tier_sk,
        {{ date_key("reached.as_of_date") }} as date_sk,
        reached.as_of_date,
        reached.customer_sk,
        reached.tier_sk,
        previous.tier_sk as previous_tier_sk,
        case
            when reached.tier_level > previous.tier_level then 'upgrade'
            when reached.tier_level < previous.tier_level then 'downgrade'
        end as tier_change,
        reached.annual_spend,
        reached.annual_order_count,
        next_levels.tier_sk as next_tier_sk,
        case
            when next_levels.tier_sk is not null
                then greatest(next_levels.min_annual_spend - reached.annual_spend, 0)
        end as spend_to_next_tier,
        case
            when next_levels.tier_sk is not null
                then greatest(next_levels.min_order_frequency - reached.annual_order_count, 0)
        end as orders_to_next_tier,
        reached.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from reached
    left join reached as previous
        on reached.as_of_date - 1 = previous.as_of_date and reached.customer_sk = previous.customer_sk
    left join next_levels
        on reached.as_of_date = next_levels.as_of_date and reached.tier_level = next_levels.level_below
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
    where reached.as_of_date in ({{ as_of_dates() }})
)

select * from final
