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
        bool_or(sales.is_refund) as has_refund,
        sum(sales.net_in_order_currency) as remaining_in_order_currency
    from sales
    group by sales.customer_sk, sales.order_sk
),

-- The rule of rfm_customer_measures, told by the day from which it holds.
given_back as (
    select orders.*
    from orders
    where
        orders.order_date is not null
        and orders.has_refund
        and orders.remaining_in_order_currency < 0.005
),

remainders as (
    select
        given_back.customer_sk,
        given_back.order_sk,
        sales.sale_date,
        sales.sale_date >= given_back.order_date as is_ordered,
        bool_or(bool_or(sales.is_refund)) over order_until_day as has_refund,
        sum(sum(sales.net_in_order_currency)) over order_until_day as remaining_in_order_currency
    from given_back
    inner join sales on given_back.customer_sk = sales.customer_sk and given_back.order_sk = sales.order_sk
    group by given_back.customer_sk, given_back.order_sk, given_back.order_date, sales.sale_date
    window order_until_day as (partition by given_back.customer_sk, given_back.order_sk order by sales.sale_date)
),

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
