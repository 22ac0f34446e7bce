{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

versions as (
    select * from {{ ref("customer_versions") }}
),

order_days as (
    select * from {{ ref("customer_order_days") }}
),

-- The sum of the last 12 gaps is what lies between the last day and the one 12 before it.
numbered as (
    select
        order_days.customer_sk,
        order_days.order_date,
        order_days.order_day_number::bigint as order_day_count,
        order_days.order_date - coalesce(lag(order_days.order_date, 12) over in_order, order_days.first_order_date)
            as last_gap_days,
        order_days.day_limit_factor,
        greatest(order_days.order_date, versions.known_from) as holds_from,
        lead(order_days.order_date, 1, versions.known_to) over in_order as holds_until
    from order_days
    inner join versions
        on order_days.customer_sk = versions.customer_sk and order_days.known_from = versions.known_from
    window in_order as (
        partition by order_days.customer_sk, order_days.known_from order by order_days.order_date
    )
),

final as (
    select
        days.as_of_date,
        numbered.customer_sk,
        numbered.order_day_count,
        round(numbered.last_gap_days::numeric / nullif(least(numbered.order_day_count - 1, 12), 0), 2)
            as mean_gap_days,
        numbered.day_limit_factor
    from days
    inner join numbered on days.as_of_date >= numbered.holds_from and days.as_of_date < numbered.holds_until
)

select * from final
