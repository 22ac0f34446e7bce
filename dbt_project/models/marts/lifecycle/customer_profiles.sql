{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with lifecycle as (
    select * from {{ latest("customer_lifecycle") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

final as (
    select
        lifecycle.as_of_date,
        lifecycle.customer_sk,
        lifecycle.retention_state as state,
        lifecycle.total_revenue as total_spend,
        lifecycle.total_orders as order_count,
        lifecycle.last_order_date,
        lifecycle.retention_state_since_date as state_since_date,
        lifecycle.is_reconstructed
    from lifecycle
)

select * from final
