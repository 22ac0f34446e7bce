{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

-- All sales of an order bear its date.
order_days as (
    select
        sales.customer_sk,
        sales.order_sk,
        sales.sale_date,
        bool_or(not sales.is_refund) as is_order,
        bool_or(sales.is_refund) as has_refund,
        sum(sales.net_amount) as net_amount,
        sum(sales.net_in_order_currency) as net_in_order_currency
    from sales
    group by sales.customer_sk, sales.order_sk, sales.sale_date
),

refunded as (
    select distinct
        order_days.customer_sk,
        order_days.order_sk
    from order_days
    where order_days.has_refund
),

remainders as (
    select
        order_days.customer_sk,
        order_days.order_sk,
        order_days.sale_date,
        bool_or(order_days.is_order) over order_until_day as is_ordered,
        bool_or(order_days.has_refund) over order_until_day as has_refund,
        sum(order_days.net_in_order_currency) over order_until_day as remaining_in_order_currency
    from refunded
    inner join order_days
        on refunded.customer_sk = order_days.customer_sk and refunded.order_sk = order_days.order_sk
    window order_until_day as (partition by order_days.customer_sk, order_days.order_sk order by order_days.sale_date)
),

-- The rule of rfm_customer_measures, told by the first day on which it holds; later days change nothing about that.
emptied as (
    select
        remainders.customer_sk,
        remainders.order_sk,
        min(remainders.sale_date) as emptied_date
    from remainders
    where remainders.is_ordered and remainders.has_refund and remainders.remaining_in_order_currency < 0.005
    group by remainders.customer_sk, remainders.order_sk
),

final as (
    select
        order_days.customer_sk,
        order_days.order_sk,
        order_days.sale_date,
        order_days.is_order,
        order_days.net_amount,
        emptied.emptied_date
    from order_days
    left join emptied on order_days.customer_sk = emptied.customer_sk and order_days.order_sk = emptied.order_sk
)

select * from final
