{{ config(
    key=["as_of_date", "channel_sk", "month_start_date"], scope="as_of_date in (" ~ as_of_dates() ~ ")"
) }}

with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
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

-- Of a month that still runs, so many days' worth.
accrued as (
    select
        days.as_of_date,
        monthly_costs.*,
        least(
            1,
            (days.as_of_date - monthly_costs.month_start_date + 1)::numeric
            / ((monthly_costs.month_start_date + interval '1 month')::date - monthly_costs.month_start_date)
        ) as part_of_month
    from monthly_costs
    inner join days on monthly_costs.month_start_date <= days.as_of_date
),

final as (
    select
        accrued.as_of_date,
        accrued.channel_sk,
        accrued.month_start_date,
        round(accrued.part_of_month * accrued.marketing_cost, 2) as marketing_cost,
        round(accrued.part_of_month * accrued.sales_cost, 2) as sales_cost
    from accrued
)

select * from final
