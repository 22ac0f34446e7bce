{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with arrivals as (
    select * from {{ latest("customer_arrival") }} as facts
    where facts.arrival_date <= {{ last_as_of_date() }}
),

orders as (
    select * from {{ ref("customer_orders") }}
),

days as (
    {{ compared_days([0, 1, 30, 31, 60]) }}
),

starts as (
    select
        arrivals.customer_sk,
        date '-infinity' as known_from
    from arrivals
    union distinct
    select
        orders.customer_sk,
        orders.emptied_date as known_from
    from orders
    where orders.emptied_date is not null
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
