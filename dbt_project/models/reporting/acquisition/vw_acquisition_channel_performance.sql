with acquisitions as (
    select * from {{ published("fact_customer_acquisition") }} as facts
    where facts.conversion_date is not null
),

channels as (
    select * from {{ published("dim_interaction_channel") }} as dimension
),

costs as (
    select
        facts.as_of_date,
        facts.channel_sk,
        facts.month_start_date,
        coalesce(facts.marketing_cost, 0) + coalesce(facts.sales_cost, 0) as total_cost
    from {{ published("fact_acquisition_cost") }} as facts
),

-- What cost something or won somebody, and when that began on the day.
channel_days as (
    select
        acquisitions.as_of_date,
        acquisitions.channel_sk,
        acquisitions.conversion_date as first_date
    from acquisitions
    union all
    select
        costs.as_of_date,
        costs.channel_sk,
        costs.month_start_date as first_date
    from costs
),

months as (
    select
        ranges.as_of_date,
        ranges.channel_sk,
        month_start_date::date as month_start_date
    from (
        select
            channel_days.as_of_date,
            channel_days.channel_sk,
            min(min(channel_days.first_date)) over (partition by channel_days.as_of_date) as first_date
        from channel_days
        group by channel_days.as_of_date, channel_days.channel_sk
    ) as ranges
    cross join
        generate_series(date_trunc('month', ranges.first_date), ranges.as_of_date, interval '1 month')
            as month_start_date
),

summed as (
    select
        acquisitions.as_of_date,
        acquisitions.channel_sk,
        date_trunc('month', acquisitions.conversion_date)::date as month_start_date,
        count(*) as customers_acquired,
        round(avg(acquisitions.acquisition_cost), 2) as avg_cac,
        round(avg(acquisitions.days_to_convert), 1) as avg_days_to_convert,
        round(avg(acquisitions.first_order_value), 2) as avg_first_order_value,
        sum(acquisitions.revenue_365_days) as total_revenue_365,
        round(avg(acquisitions.revenue_365_days) filter (where acquisitions.has_full_365_days), 2)
            as avg_revenue_365,
        count(*) filter (where acquisitions.has_full_365_days) as customers_with_full_365_days,
        round(avg(acquisitions.cac_payback_days), 1) as avg_cac_payback_days,
        count(acquisitions.cac_payback_days) as customers_paid_back
    from acquisitions
    group by acquisitions.as_of_date, acquisitions.channel_sk, date_trunc('month', acquisitions.conversion_date)
),

final as (
    select
        months.as_of_date,
        months.month_start_date,
        to_char(months.month_start_date, 'FMMonth') as month_name,
        extract(year from months.month_start_date)::integer as year_actual,
        channels.channel_name,
        channels.channel_category,
        coalesce(summed.customers_acquired, 0) as customers_acquired,
        costs.total_cost as total_acquisition_cost,
        summed.avg_cac,
        summed.avg_days_to_convert,
        summed.avg_first_order_value,
        coalesce(summed.total_revenue_365, 0) as total_revenue_365,
        summed.avg_revenue_365,
        coalesce(summed.customers_with_full_365_days, 0) as customers_with_full_365_days,
        round(
            100 * (coalesce(summed.total_revenue_365, 0) - costs.total_cost) / nullif(costs.total_cost, 0), 1
        ) as acquisition_roi_pct,
        summed.avg_cac_payback_days,
        coalesce(summed.customers_paid_back, 0) as customers_paid_back,
        warehouse.reporting_currency
    from months
    inner join channels on months.channel_sk = channels.channel_sk
    left join summed
        on
            months.as_of_date = summed.as_of_date
            and months.channel_sk = summed.channel_sk
            and months.month_start_date = summed.month_start_date
    left join costs
        on
            months.as_of_date = costs.as_of_date
            and months.channel_sk = costs.channel_sk
            and months.month_start_date = costs.month_start_date
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
