with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

sales as (
    select * from {{ published("fact_sales") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        days.as_of_date,
        sales.sale_date,
        sales.sale_source,
        sum(sales.net_amount) as net_revenue,
        -coalesce(sum(sales.net_amount) filter (where sales.is_refund), 0) as refunded,
        count(distinct sales.order_sk) filter (where not sales.is_refund) as order_count,
        count(distinct sales.customer_sk) filter (where not sales.is_refund) as buyer_count,
        warehouse.reporting_currency
    from days
    inner join sales on sales.sale_date between days.as_of_date - 399 and days.as_of_date
    cross join warehouse
    group by days.as_of_date, sales.sale_date, sales.sale_source, warehouse.reporting_currency
)

select * from final
