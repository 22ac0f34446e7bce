{{ config(materialized="table") }}

with partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

partners_of_customers as (
    select * from {{ ref("int_activity__partners") }}
),

-- Who shares an address with others: not archived before archived, the longest known first.
final as (
    select distinct on (partners.email)
        partners.email,
        partners_of_customers.customer_id
    from partners
    inner join partners_of_customers on partners.partner_id = partners_of_customers.partner_id
    where partners.email is not null
    order by partners.email, partners.is_archived, partners.partner_id
)

select * from final
