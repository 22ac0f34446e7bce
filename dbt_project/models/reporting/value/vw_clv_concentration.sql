with values_of_customers as (
    select * from {{ published("fact_customer_ltv") }} as facts
    where facts.predicted_clv_lifetime is not null
),

ranked as (
    select
        values_of_customers.as_of_date,
        values_of_customers.historical_clv,
        values_of_customers.predicted_clv_lifetime,
        ntile(100) over (
            partition by values_of_customers.as_of_date
            order by values_of_customers.predicted_clv_lifetime desc, values_of_customers.customer_sk asc
        ) as top_pct_of_customers
    from values_of_customers
),

summed as (
    select
        ranked.as_of_date,
        ranked.top_pct_of_customers,
        sum(ranked.predicted_clv_lifetime) as predicted_value,
        sum(ranked.historical_clv) as historical_value
    from ranked
    group by ranked.as_of_date, ranked.top_pct_of_customers
),

final as (
    select
        summed.as_of_date,
        summed.top_pct_of_customers,
        round(
            100 * sum(summed.predicted_value) over until_here
            / nullif(sum(summed.predicted_value) over (partition by summed.as_of_date), 0), 2
        ) as pct_of_predicted_value,
        round(
            100 * sum(summed.historical_value) over until_here
            / nullif(sum(summed.historical_value) over (partition by summed.as_of_date), 0), 2
        ) as pct_of_historical_value
    from summed
    window until_here as (partition by summed.as_of_date order by summed.top_pct_of_customers)
)

select * from final
