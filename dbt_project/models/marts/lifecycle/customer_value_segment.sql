{{
    config(
        key=["as_of_date", "customer_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "value_segment"]],
    )
}}

with rfm as (
    select * from {{ latest("fact_customer_rfm") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

money as (
    select * from {{ ref("customer_money") }}
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

population as (
    select
        rfm.as_of_date,
        rfm.customer_sk,
        rfm.rfm_segment_sk,
        rfm.days_since_last_order,
        rfm.order_count_365_days,
        round(money.net_total, 2) as lifetime_value,
        values_of_customers.predicted_clv_lifetime,
        values_of_customers.value_percentile,
        -- Who bought nothing in 365 days made no margin, where the shop knows margins at all.
        case
            when rfm.order_count_365_days > 0 or not bool_or(money.margin_365_days is not null) over whole_day
                then money.margin_365_days
            else coalesce(money.margin_365_days, 0)
        end as margin_365_days
    from rfm
    inner join money on rfm.as_of_date = money.as_of_date and rfm.customer_sk = money.customer_sk
    left join values_of_customers
        on
            rfm.as_of_date = values_of_customers.as_of_date
            and rfm.customer_sk = values_of_customers.customer_sk
    window whole_day as (partition by rfm.as_of_date)
),

ranked as (
    select
        population.*,
        count(*) over (partition by population.as_of_date) as customers,
        count(population.margin_365_days) over (partition by population.as_of_date) as customers_with_margin,
        {{ double_mid_rank("population.margin_365_days") }} as margin_mid_rank,
        {{ double_mid_rank("population.order_count_365_days") }} as frequency_mid_rank,
        {{ double_mid_rank("population.days_since_last_order", "desc") }} as recency_mid_rank
    from population
),

-- Mid-rank percentiles. Unknown margins come last in their ranking and have no part in the score.
parts as (
    select
        ranked.*,
        ranked.value_percentile as predicted_clv_part,
        case
            when ranked.margin_365_days is not null
                then round(100.0 * ranked.margin_mid_rank / (2 * ranked.customers_with_margin), 2)
        end as margin_part,
        {{ mid_rank_percentile("ranked.frequency_mid_rank") }} as frequency_part,
        {{ mid_rank_percentile("ranked.recency_mid_rank") }} as recency_part
    from ranked
),

scored as (
    select
        parts.*,
        round({{ weighted_score("value", ["predicted_clv", "margin", "frequency", "recency"]) }})::integer
            as value_score
    from parts
),

final as (
    select
        {{ surrogate_key(["'value'", "scored.as_of_date", "scored.customer_sk"]) }} as value_sk,
        {{ date_key("scored.as_of_date") }} as date_sk,
        scored.as_of_date,
        scored.customer_sk,
        scored.rfm_segment_sk,
        scored.lifetime_value,
        scored.predicted_clv_lifetime as predicted_ltv,
        round(scored.margin_365_days, 2) as margin_365_days,
        scored.order_count_365_days,
        scored.days_since_last_order,
        scored.predicted_clv_part,
        scored.margin_part,
        scored.frequency_part,
        scored.recency_part,
        scored.value_score,
        {{ score_level("scored.value_score", "value") }} as value_segment,
        scored.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from scored
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
