{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with arrivals as (
    select * from {{ latest("customer_arrival") }} as facts
    where facts.arrival_date <= {{ last_as_of_date() }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

days as (
    {{ compared_days([0, 1, 30, 31, 60]) }}
),

-- Of the few orders that did not simply count from their day on.
turns as (
    select
        orders.customer_sk,
        bounds.turn_date
    from orders
    cross join lateral unnest(orders.counted_days) as counted (days)
    cross join lateral (values (lower(counted.days)), (upper(counted.days))) as bounds (turn_date)
    where
        orders.counted_days <> datemultirange(daterange(orders.order_date, null))
        and bounds.turn_date > orders.order_date
),

starts as (
    select
        arrivals.customer_sk,
        date '-infinity' as known_from
    from arrivals
    union distinct
    select
        turns.customer_sk,
        turns.turn_date as known_from
    from turns
),

spans as (
    select
        starts.customer_sk,
        starts.known_from,
        coalesce(
            lead(starts.known_from) over (partition by starts.customer_sk order by starts.known_from),
            date 'infinity'
        ) as known_to
    from starts
),

final as (
    select spans.*
    from spans
    where
        exists (
            select 1 from days
            where days.as_of_date >= spans.known_from and days.as_of_date < spans.known_to
        )
)

select * from final
