{{ config(key=["order_sk"]) }}

with sales as (
    select * from {{ latest("fact_sales") }} as facts
),

orders as (
    select
        sales.order_sk,
        sales.sale_source,
        sales.order_id,
        min(sales.company_id) as company_id,
        min(sales.customer_sk) as customer_sk,
        min(sales.ordered_at) as ordered_at,
        min(sales.sale_date) as order_date,
        sum(sales.net_amount) as sold_net_amount
    from sales
    where not sales.is_refund
    group by sales.order_sk, sales.sale_source, sales.order_id
),

refunded_orders as (
    select distinct sales.order_sk
    from sales
    where sales.is_refund
),

-- In the order's own currency: at another day's rate a full refund would leave a remainder.
movements as (
    select
        sales.order_sk,
        sales.sale_date,
        bool_or(sales.is_refund) as has_refund,
        sum(sales.net_in_order_currency) as net_in_order_currency
    from sales
    inner join refunded_orders on sales.order_sk = refunded_orders.order_sk
    group by sales.order_sk, sales.sale_date
),

remainders as (
    select
        movements.order_sk,
        bool_or(movements.has_refund) over until_then as has_refund,
        sum(movements.net_in_order_currency) over until_then as remaining_in_order_currency,
        daterange(movements.sale_date, lead(movements.sale_date) over until_then) as days
    from movements
    window until_then as (partition by movements.order_sk order by movements.sale_date)
),

-- A later correction may raise what remains again: an order can be given back, and count again.
given_back as (
    select
        remainders.order_sk,
        range_agg(remainders.days) as days
    from remainders
    where remainders.has_refund and remainders.remaining_in_order_currency < 0.005
    group by remainders.order_sk
),

final as (
    select
        orders.order_sk,
        {{ date_key("orders.order_date") }} as date_sk,
        orders.customer_sk,
        orders.sale_source,
        orders.order_id,
        orders.company_id,
        orders.ordered_at,
        orders.order_date,
        orders.sold_net_amount,
        datemultirange(daterange(orders.order_date, null)) - coalesce(given_back.days, '{}') as counted_days
    from orders
    left join given_back on orders.order_sk = given_back.order_sk
)

select * from final
