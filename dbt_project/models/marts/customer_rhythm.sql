{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null and facts.order_date <= {{ last_as_of_date() }}
),

order_days as (
    select distinct
        orders.customer_sk,
        orders.order_date
    from orders
),

-- The sum of the last 12 gaps is what lies between the last day and the one 12 before it.
numbered as (
    select
        order_days.customer_sk,
        order_days.order_date,
        row_number() over in_order as order_day_count,
        coalesce(lag(order_days.order_date, 12) over in_order, first_value(order_days.order_date) over in_order)
            as gaps_from_date,
        lead(order_days.order_date) over in_order as next_order_date
    from order_days
    window in_order as (partition by order_days.customer_sk order by order_days.order_date)
),

rhythms as (
    select
        days.as_of_date,
        numbered.customer_sk,
        numbered.order_day_count,
        (numbered.order_date - numbered.gaps_from_date)::numeric / nullif(least(numbered.order_day_count - 1, 12), 0)
            as mean_gap_days
    from days
    inner join numbered
        on
            days.as_of_date >= numbered.order_date
            and days.as_of_date < coalesce(numbered.next_order_date, 'infinity')
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
