{{ config(materialized="table", schema="intermediate", contract={"enforced": false}) }}

with versions as (
    select * from {{ ref("customer_versions") }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null and facts.order_date <= {{ last_as_of_date() }}
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and not facts.is_refund and facts.sale_date <= {{ last_as_of_date() }}
),

subscriptions as (
    select * from {{ latest("fact_subscription") }} as facts
),

order_values as (
    select
        sales.order_sk,
        sum({{ sale_value("sales") }}) as value_amount
    from sales
    group by sales.order_sk
),

-- What a subscription brings is agreed, not chosen again each time; it is valued by its term.
purchases as (
    select
        orders.customer_sk,
        orders.order_date as purchase_date,
        orders.sold_net_amount,
        orders.counted_days,
        order_values.value_amount
    from orders
    inner join order_values on orders.order_sk = order_values.order_sk
    where
        not exists (
            select 1 from subscriptions
            where subscriptions.order_sk = orders.order_sk
        )
),

purchase_days as (
    select
        versions.customer_sk,
        versions.known_from,
        versions.known_to,
        purchases.purchase_date,
        count(*)::integer as order_count,
        sum(purchases.sold_net_amount) as net_amount,
        sum(purchases.value_amount) as value_amount
    from versions
    inner join purchases
        on
            versions.customer_sk = purchases.customer_sk
            and daterange(versions.known_from, versions.known_to) && purchases.counted_days
    group by versions.customer_sk, versions.known_from, versions.known_to, purchases.purchase_date
),

gaps as (
    select
        purchase_days.*,
        purchase_days.purchase_date - lag(purchase_days.purchase_date) over until_day as gap_days
    from purchase_days
    window until_day as (
        partition by purchase_days.customer_sk, purchase_days.known_from order by purchase_days.purchase_date
    )
),

final as (
    select
        gaps.*,
        (row_number() over until_day)::integer as purchase_day_number,
        first_value(gaps.purchase_date) over until_day as first_purchase_date,
        first_value(gaps.value_amount) over until_day as first_value,
        lead(gaps.purchase_date) over until_day as next_purchase_date,
        sum(gaps.order_count) over until_day as orders_so_far,
        sum(gaps.net_amount) over until_day as net_so_far,
        sum(gaps.value_amount) over until_day as value_so_far,
        -- Weights relative to one day for all, so that they add up; a reader scales the sum to its own day.
        sum(power(2, (gaps.purchase_date - date '2020-01-01') / {{ half_life_days() }})) over until_day
            as decayed_so_far,
        avg(gaps.gap_days) over last_twelve as last_gap_mean_days,
        avg(gaps.gap_days) over last_three as last_three_gap_mean_days,
        avg(gaps.gap_days) over nine_before as earlier_gap_mean_days
    from gaps
    window
        until_day as (partition by gaps.customer_sk, gaps.known_from order by gaps.purchase_date),
        last_twelve as (
            partition by gaps.customer_sk, gaps.known_from
            order by gaps.purchase_date
            rows between 11 preceding and current row
        ),
        last_three as (
            partition by gaps.customer_sk, gaps.known_from
            order by gaps.purchase_date
            rows between 2 preceding and current row
        ),
        nine_before as (
            partition by gaps.customer_sk, gaps.known_from
            order by gaps.purchase_date
            rows between 11 preceding and 3 preceding
        )
)

select * from final
