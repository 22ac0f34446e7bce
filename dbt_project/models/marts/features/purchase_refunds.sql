{{ config(materialized="table", schema="intermediate", contract={"enforced": false}) }}

with days as (
    {{ scored_days() }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null and facts.order_date <= {{ last_as_of_date() }}
),

refunds as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.is_refund and facts.sale_date <= {{ last_as_of_date() }}
),

subscriptions as (
    select * from {{ latest("fact_subscription") }} as facts
),

final as (
    select
        days.as_of_date,
        orders.customer_sk,
        orders.order_sk,
        orders.order_date as purchase_date,
        refunds.sale_date as refund_date,
        sum(refunds.net_amount) as net_amount,
        sum({{ sale_value("refunds") }}) as value_amount
    from days
    inner join refunds on days.as_of_date >= refunds.sale_date
    inner join orders on refunds.order_sk = orders.order_sk and orders.counted_days @> days.as_of_date
    where
        not exists (
            select 1 from subscriptions
            where subscriptions.order_sk = orders.order_sk
        )
    group by days.as_of_date, orders.customer_sk, orders.order_sk, orders.order_date, refunds.sale_date
)

select * from final
