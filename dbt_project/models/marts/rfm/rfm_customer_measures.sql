-- Each day with those that it is compared with: the day before, and 30 days before.
with days as (
    select distinct built.as_of_date - compared.days_before as as_of_date
    from unnest(array[{{ as_of_dates() }}]) as built (as_of_date)
    cross join (values (0), (1), (30)) as compared (days_before)
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null and facts.order_date <= {{ last_as_of_date() }}
),

refunds as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.is_refund and facts.customer_sk is not null
),

last_orders as (
    select
        days.as_of_date,
        orders.customer_sk,
        max(orders.order_date) filter (where orders.counted_days @> days.as_of_date) as last_order_date
    from days
    inner join orders on days.as_of_date >= orders.order_date
    group by days.as_of_date, orders.customer_sk
),

events as (
    select
        orders.customer_sk,
        orders.order_date as event_date,
        orders.sold_net_amount as net_amount,
        orders.counted_days
    from orders
    union all
    select
        refunds.customer_sk,
        refunds.sale_date as event_date,
        refunds.net_amount,
        '{}' as counted_days
    from refunds
),

events_of_the_year as (
    select
        days.as_of_date,
        events.customer_sk,
        events.event_date,
        events.net_amount,
        events.counted_days @> days.as_of_date as is_counted
    from days
    inner join events on days.as_of_date >= events.event_date and days.as_of_date - 365 < events.event_date
),

year_measures as (
    select
        events_of_the_year.as_of_date,
        events_of_the_year.customer_sk,
        {{ orders_within(365) }} as order_count_365_days,
        {{ orders_within(180) }} as order_count_180_days,
        {{ orders_within(90) }} as order_count_90_days,
        count(distinct events_of_the_year.event_date) filter (where events_of_the_year.is_counted) as order_days,
        min(events_of_the_year.event_date) filter (where events_of_the_year.is_counted) as first_order_date,
        {{ spend_within(365) }} as total_spend_365_days,
        {{ spend_within(180) }} as total_spend_180_days,
        {{ spend_within(90) }} as total_spend_90_days
    from events_of_the_year
    group by events_of_the_year.as_of_date, events_of_the_year.customer_sk
),

final as (
    select
        last_orders.as_of_date,
        last_orders.customer_sk,
        last_orders.last_order_date,
        last_orders.as_of_date - last_orders.last_order_date as days_since_last_order,
        coalesce(year_measures.order_count_365_days, 0) as order_count_365_days,
        coalesce(year_measures.order_count_180_days, 0) as order_count_180_days,
        coalesce(year_measures.order_count_90_days, 0) as order_count_90_days,
        round(
            (last_orders.last_order_date - year_measures.first_order_date)::numeric
            / nullif(year_measures.order_days - 1, 0), 2
        ) as avg_days_between_orders,
        round(coalesce(year_measures.total_spend_365_days, 0), 2) as total_spend_365_days,
        round(coalesce(year_measures.total_spend_180_days, 0), 2) as total_spend_180_days,
        round(coalesce(year_measures.total_spend_90_days, 0), 2) as total_spend_90_days,
        round(
            year_measures.total_spend_365_days / nullif(year_measures.order_count_365_days, 0), 2
        ) as avg_order_value
    from last_orders
    left join year_measures
        on
            last_orders.as_of_date = year_measures.as_of_date
            and last_orders.customer_sk = year_measures.customer_sk
    where last_orders.last_order_date is not null
)

select * from final
