{{ config(materialized="table") }}

with partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

final as (
    select
        partners.email,
        min(contacts.customer_id) as customer_id
    from partners
    inner join contacts on partners.partner_id = contacts.partner_id
    where partners.email is not null
    group by partners.email
    having count(distinct contacts.customer_id) = 1
)

select * from final
