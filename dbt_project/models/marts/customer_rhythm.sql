{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where
        facts.customer_sk is not null
        and facts.sale_date <= {{ last_as_of_date() }}
        and not facts.is_refund
),

order_days as (
    select distinct
        sales.customer_sk,
        sales.sale_date
    from sales
),

gaps as (
    select
        order_days.customer_sk,
        order_days.sale_date,
        order_days.sale_date
        - lag(order_days.sale_date) over (partition by order_days.customer_sk order by order_days.sale_date)
            as gap_days
    from order_days
),

gaps_by_day as (
    select
        days.as_of_date,
        gaps.customer_sk,
        gaps.gap_days,
        row_number() over (
            partition by days.as_of_date, gaps.customer_sk order by gaps.sale_date desc
        ) as days_back
    from days
    inner join gaps on days.as_of_date >= gaps.sale_date
),

rhythms as (
    select
        gaps_by_day.as_of_date,
        gaps_by_day.customer_sk,
        count(*) as order_day_count,
        avg(gaps_by_day.gap_days) filter (where gaps_by_day.days_back <= 12) as mean_gap_days
    from gaps_by_day
    group by gaps_by_day.as_of_date, gaps_by_day.customer_sk
),

final as (
    select
        rhythms.as_of_date,
        rhythms.customer_sk,
        rhythms.order_day_count,
        round(rhythms.mean_gap_days, 2) as mean_gap_days,
        case
            when rhythms.order_day_count < 4 then 1
            when rhythms.mean_gap_days <= 3 then 0.7
            else least(3, greatest(1, rhythms.mean_gap_days / 10))
        end as day_limit_factor
    from rhythms
)

select * from final
