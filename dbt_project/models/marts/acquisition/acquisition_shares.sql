with journeys as (
    select * from {{ ref("acquisition_journeys") }} as all_journeys
    where all_journeys.first_order_date is not null
),

channels as (
    select * from {{ latest("dim_interaction_channel") }} as dimension
),

monthly_costs as (
    select
        channels.channel_sk,
        date_trunc('month', costs.cost_month)::date as month_start_date,
        sum(costs.amount) filter (where costs.cost_type = 'marketing') as marketing_cost,
        sum(costs.amount) filter (where costs.cost_type = 'sales') as sales_cost
    from {{ ref("acquisition_cost") }} as costs
    inner join channels on costs.channel_code = channels.channel_code
    inner join {{ ref("stg_ops__warehouse") }} as warehouse on costs.currency_code = warehouse.reporting_currency
    group by channels.channel_sk, date_trunc('month', costs.cost_month)
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

-- Of a month that still runs, so many days' worth.
accrued as (
    select
        won.*,
        least(
            1,
            (won.as_of_date - won.month_start_date + 1)::numeric
            / ((won.month_start_date + interval '1 month')::date - won.month_start_date)
        ) as part_of_month
    from won
),

shares as (
    select
        accrued.as_of_date,
        accrued.channel_sk,
        accrued.month_start_date,
        round(accrued.part_of_month * monthly_costs.marketing_cost / accrued.customers, 2) as marketing_cost,
        round(accrued.part_of_month * monthly_costs.sales_cost / accrued.customers, 2) as sales_cost
    from accrued
    inner join monthly_costs
        on
            accrued.channel_sk = monthly_costs.channel_sk
            and accrued.month_start_date = monthly_costs.month_start_date
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
