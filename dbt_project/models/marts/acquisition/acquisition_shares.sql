with journeys as (
    select * from {{ ref("acquisition_journeys") }} as all_journeys
    where all_journeys.first_order_date is not null
),

costs as (
    select * from {{ latest("fact_acquisition_cost") }} as facts
),

won as (
    select
        journeys.as_of_date,
        journeys.channel_sk,
        date_trunc('month', journeys.first_order_date)::date as month_start_date,
        count(*) as customers
    from journeys
    group by journeys.as_of_date, journeys.channel_sk, date_trunc('month', journeys.first_order_date)
),

shares as (
    select
        won.as_of_date,
        won.channel_sk,
        won.month_start_date,
        round(costs.marketing_cost / won.customers, 2) as marketing_cost,
        round(costs.sales_cost / won.customers, 2) as sales_cost
    from won
    inner join costs
        on
            won.as_of_date = costs.as_of_date
            and won.channel_sk = costs.channel_sk
            and won.month_start_date = costs.month_start_date
),

final as (
    select
        journeys.as_of_date,
        journeys.customer_sk,
        shares.marketing_cost,
        shares.sales_cost,
        coalesce(shares.marketing_cost, 0) + coalesce(shares.sales_cost, 0) as acquisition_cost
    from journeys
    inner join shares
        on
            journeys.as_of_date = shares.as_of_date
            and journeys.channel_sk = shares.channel_sk
            and date_trunc('month', journeys.first_order_date) = shares.month_start_date
)

select * from final
