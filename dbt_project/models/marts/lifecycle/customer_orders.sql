{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

with sales as not materialized (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

orders as (
    select
        sales.customer_sk,
        sales.order_sk,
        min(sales.sale_date) filter (where not sales.is_refund) as order_date,
        bool_or(sales.is_refund) as has_refund
    from sales
    group by sales.customer_sk, sales.order_sk
),

refunded as (
    select orders.*
    from orders
    where orders.has_refund and orders.order_date is not null
),

remainders as (
    select
        refunded.customer_sk,
        refunded.order_sk,
        sales.sale_date,
        sales.sale_date >= refunded.order_date as is_ordered,
        bool_or(bool_or(sales.is_refund)) over order_until_day as has_refund,
        sum(sum(sales.net_in_order_currency)) over order_until_day as remaining_in_order_currency
    from refunded
    inner join sales on refunded.customer_sk = sales.customer_sk and refunded.order_sk = sales.order_sk
    group by refunded.customer_sk, refunded.order_sk, refunded.order_date, sales.sale_date
    window order_until_day as (partition by refunded.customer_sk, refunded.order_sk order by sales.sale_date)
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
        orders.customer_sk,
        orders.order_sk,
        orders.order_date,
        emptied.emptied_date
    from orders
    left join emptied on orders.customer_sk = emptied.customer_sk and orders.order_sk = emptied.order_sk
    where orders.order_date is not null
)

select * from final
