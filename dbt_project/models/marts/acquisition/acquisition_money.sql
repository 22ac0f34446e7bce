with journeys as (
    select * from {{ ref("acquisition_journeys") }} as all_journeys
    where all_journeys.first_order_date is not null
),

sales as (
    select
        facts.customer_sk,
        facts.sale_date,
        coalesce(orders.order_date, facts.sale_date) as order_date,
        sum(facts.net_amount) as net_amount,
        -- Where the source has no costs.
        sum(coalesce(facts.margin_amount, facts.net_amount * {{ var("margin_rate") or "null" }}::numeric))
            as margin_amount
    from {{ latest("fact_sales") }} as facts
    left join {{ latest("fact_order") }} as orders on facts.order_sk = orders.order_sk
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
    group by facts.customer_sk, facts.sale_date, coalesce(orders.order_date, facts.sale_date)
),

-- Orders before the first that counts were given back: neither their sale nor their refund belongs here.
final as (
    select
        journeys.as_of_date,
        journeys.customer_sk,
        sales.sale_date - journeys.first_order_date as day_number,
        sum(sales.net_amount) as net_amount,
        sum(sum(sales.margin_amount)) over (
            partition by journeys.as_of_date, journeys.customer_sk order by sales.sale_date
        ) as margin_so_far
    from journeys
    inner join sales
        on
            journeys.customer_sk = sales.customer_sk
            and journeys.as_of_date >= sales.sale_date
            and journeys.first_order_date <= sales.order_date
    group by journeys.as_of_date, journeys.customer_sk, journeys.first_order_date, sales.sale_date
)

select * from final
