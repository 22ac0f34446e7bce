{{ config(materialized="table") }}

with partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

customers as (
    select * from {{ ref("int_customer__evidence") }}
),

final as (
    select
        partners.email,
        min(customers.customer_id) as customer_id
    from partners
    inner join identities on partners.partner_id = identities.partner_id
    inner join customers on identities.customer_id = customers.customer_id
    where partners.email is not null
    group by partners.email
    having count(distinct customers.customer_id) = 1
)

select * from final
