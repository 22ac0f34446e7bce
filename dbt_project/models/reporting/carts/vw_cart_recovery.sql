with carts as (
    select * from {{ cart_outcomes() }} as outcomes
    where outcomes.outcome in ('ordered later', 'bought otherwise', 'abandoned', 'expired')
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        carts.as_of_date,
        date_trunc('month', carts.cart_created_date)::date as month_start_date,
        carts.outcome,
        carts.outcome in ('ordered later', 'bought otherwise') as is_recovered,
        carts.reminder,
        carts.days_to_order,
        carts.is_customer_known,
        carts.rfm_segment,
        carts.country,
        count(*) as cart_count,
        sum(carts.cart_value) as cart_value,
        warehouse.reporting_currency
    from carts
    cross join warehouse
    group by
        carts.as_of_date,
        date_trunc('month', carts.cart_created_date)::date,
        carts.outcome,
        carts.reminder,
        carts.days_to_order,
        carts.is_customer_known,
        carts.rfm_segment,
        carts.country,
        warehouse.reporting_currency
)

select * from final
