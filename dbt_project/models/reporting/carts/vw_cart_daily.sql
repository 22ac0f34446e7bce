with carts as (
    select * from {{ cart_outcomes() }} as outcomes
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        carts.as_of_date,
        carts.cart_created_date as cart_date,
        carts.outcome,
        carts.rfm_segment,
        carts.country,
        count(*) as cart_count,
        sum(carts.cart_value) as cart_value,
        warehouse.reporting_currency
    from carts
    cross join warehouse
    group by
        carts.as_of_date,
        carts.cart_created_date,
        carts.outcome,
        carts.rfm_segment,
        carts.country,
        warehouse.reporting_currency
)

select * from final
