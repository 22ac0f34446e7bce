{{ config(materialized="table") }}

with identities as (
    select * from {{ ref("int_customer__identities") }}
),

customers as (
    select * from {{ ref("int_customer__evidence") }}
),

final as (
    select
        identities.partner_id,
        identities.customer_id
    from identities
    inner join customers on identities.customer_id = customers.customer_id
)

select * from final
