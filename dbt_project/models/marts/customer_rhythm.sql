{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date = " ~ as_of_date()) }}

with sales as (
    select * from {{ latest("fact_sales") }} as facts
    where
        facts.customer_sk is not null
        and facts.sale_date <= {{ as_of_date() }}
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
        order_days.sale_date - lag(order_days.sale_date) over customer_days as gap_days,
        row_number() over (customer_days_back) as days_back,
        count(*) over (partition by order_days.customer_sk) as order_day_count
    from order_days
    window
        customer_days as (partition by order_days.customer_sk order by order_days.sale_date),
        customer_days_back as (partition by order_days.customer_sk order by order_days.sale_date desc)
),

rhythms as (
    select
        gaps.customer_sk,
        max(gaps.order_day_count) as order_day_count,
        avg(gaps.gap_days) filter (where gaps.days_back <= 12) as mean_gap_days
    from gaps
    group by gaps.customer_sk
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
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
