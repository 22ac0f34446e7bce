-- Each day with those that it is compared with: the day before, and 30 days before.
with days as (
    select distinct built.as_of_date - compared.days_before as as_of_date
    from unnest(array[{{ as_of_dates() }}]) as built (as_of_date)
    cross join (values (0), (1), (30)) as compared (days_before)
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

orders as (
    select
        days.as_of_date,
        sales.customer_sk,
        sales.order_sk,
        min(sales.sale_date) filter (where not sales.is_refund) as order_date,
        bool_or(sales.is_refund) as has_refund,
        sum(sales.net_in_order_currency) as remaining_in_order_currency
    from days
    inner join sales on days.as_of_date >= sales.sale_date
    group by days.as_of_date, sales.customer_sk, sales.order_sk
),

-- In the order's own currency: at another day's rate a full refund would leave a remainder.
counted_orders as (
    select orders.*
    from orders
    where
        orders.order_date is not null
        and not (orders.has_refund and orders.remaining_in_order_currency < 0.005)
),

order_measures as (
    select
        counted_orders.as_of_date,
        counted_orders.customer_sk,
        max(counted_orders.order_date) as last_order_date,
        {{ orders_within(365) }} as order_count_365_days,
        {{ orders_within(180) }} as order_count_180_days,
        {{ orders_within(90) }} as order_count_90_days,
        count(distinct counted_orders.order_date) filter (
            where counted_orders.order_date > counted_orders.as_of_date - 365
        ) as order_days,
        max(counted_orders.order_date) - min(counted_orders.order_date) filter (
            where counted_orders.order_date > counted_orders.as_of_date - 365
        ) as active_span_days
    from counted_orders
    group by counted_orders.as_of_date, counted_orders.customer_sk
),

spend_measures as (
    select
        days.as_of_date,
        sales.customer_sk,
        {{ spend_within(365) }} as total_spend_365_days,
        {{ spend_within(180) }} as total_spend_180_days,
        {{ spend_within(90) }} as total_spend_90_days
    from days
    inner join sales on days.as_of_date >= sales.sale_date
    group by days.as_of_date, sales.customer_sk
),

final as (
    select
        order_measures.as_of_date,
        order_measures.customer_sk,
        order_measures.last_order_date,
        order_measures.as_of_date - order_measures.last_order_date as days_since_last_order,
        order_measures.order_count_365_days,
        order_measures.order_count_180_days,
        order_measures.order_count_90_days,
        round(
            order_measures.active_span_days::numeric / nullif(order_measures.order_days - 1, 0), 2
        ) as avg_days_between_orders,
        round(spend_measures.total_spend_365_days, 2) as total_spend_365_days,
        round(spend_measures.total_spend_180_days, 2) as total_spend_180_days,
        round(spend_measures.total_spend_90_days, 2) as total_spend_90_days,
        round(
            spend_measures.total_spend_365_days / nullif(order_measures.order_count_365_days, 0), 2
        ) as avg_order_value
    from order_measures
    inner join spend_measures
        on
            order_measures.as_of_date = spend_measures.as_of_date
            and order_measures.customer_sk = spend_measures.customer_sk
)

select * from final
