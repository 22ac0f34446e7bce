{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with journeys as (
    select * from {{ ref("acquisition_journeys") }}
),

money as (
    select * from {{ ref("acquisition_money") }}
),

costs as (
    select * from {{ ref("acquisition_shares") }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where not facts.is_refund and facts.net_amount > 0
),

revenues as (
    select
        money.as_of_date,
        money.customer_sk,
        {{ revenue_of_first(30) }} as revenue_30_days,
        {{ revenue_of_first(90) }} as revenue_90_days,
        {{ revenue_of_first(365) }} as revenue_365_days
    from money
    group by money.as_of_date, money.customer_sk
),

order_counts as (
    select
        journeys.as_of_date,
        journeys.customer_sk,
        count(*) as orders_365_days
    from journeys
    inner join orders
        on
            journeys.customer_sk = orders.customer_sk
            and journeys.first_order_date <= orders.order_date
            and journeys.first_order_date + 365 > orders.order_date
            and journeys.as_of_date <@ orders.counted_days
    group by journeys.as_of_date, journeys.customer_sk
),

first_items as (
    select
        sales.order_sk,
        count(distinct sales.product_sk) as item_count
    from sales
    group by sales.order_sk
),

paybacks as (
    select
        costs.as_of_date,
        costs.customer_sk,
        min(money.day_number) as cac_payback_days
    from costs
    inner join money on costs.as_of_date = money.as_of_date and costs.customer_sk = money.customer_sk
    where money.margin_so_far >= costs.acquisition_cost
    group by costs.as_of_date, costs.customer_sk
),

final as (
    select
        {{ surrogate_key(["'acquisition'", "journeys.as_of_date", "journeys.customer_sk"]) }} as acquisition_sk,
        journeys.as_of_date,
        {{ date_key("journeys.acquisition_date") }} as acquisition_date_sk,
        journeys.acquisition_date,
        journeys.customer_sk,
        journeys.channel_sk,
        journeys.campaign_sk,
        journeys.acquisition_source,
        journeys.first_touchpoint,
        journeys.lead_source,
        null::bigint as referrer_customer_sk,
        journeys.lead_created_date,
        journeys.first_contact_date,
        journeys.first_order_date as conversion_date,
        journeys.first_order_date - journeys.lead_created_date as days_to_convert,
        journeys.touchpoints_count::integer as touchpoints_count,
        journeys.first_order_date,
        journeys.first_order_value,
        case when journeys.first_order_sk is not null then coalesce(first_items.item_count, 0) end::integer
            as first_order_items,
        journeys.first_order_date - journeys.acquisition_date as days_to_first_order,
        costs.acquisition_cost,
        costs.marketing_cost as marketing_cost_attributed,
        costs.sales_cost as sales_cost_attributed,
        revenues.revenue_30_days,
        revenues.revenue_90_days,
        revenues.revenue_365_days,
        order_counts.orders_365_days::integer as orders_365_days,
        coalesce(journeys.as_of_date >= journeys.first_order_date + 29, false) as has_full_30_days,
        coalesce(journeys.as_of_date >= journeys.first_order_date + 89, false) as has_full_90_days,
        coalesce(journeys.as_of_date >= journeys.first_order_date + 364, false) as has_full_365_days,
        paybacks.cac_payback_days,
        journeys.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from journeys
    left join revenues on journeys.as_of_date = revenues.as_of_date and journeys.customer_sk = revenues.customer_sk
    left join order_counts
        on journeys.as_of_date = order_counts.as_of_date and journeys.customer_sk = order_counts.customer_sk
    left join first_items on journeys.first_order_sk = first_items.order_sk
    left join costs on journeys.as_of_date = costs.as_of_date and journeys.customer_sk = costs.customer_sk
    left join paybacks on journeys.as_of_date = paybacks.as_of_date and journeys.customer_sk = paybacks.customer_sk
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
