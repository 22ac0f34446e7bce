{{ config(key=["customer_sk"]) }}

with customers as (
    select * from {{ latest("dim_customer") }} as dimension
    where dimension.is_current
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

addresses as (
    select * from {{ ref("int_contact__addresses") }}
),

final as (
    select
        customers.customer_sk,
        partners.partner_name as customer_name,
        partners.email,
        partners.phone,
        partners.bounce_count,
        coalesce(addresses.is_blacklisted, false) as is_blacklisted,
        coalesce(addresses.has_opted_out_of_all, false) as has_opted_out_of_all,
        addresses.has_live_subscription
    from customers
    inner join partners on customers.customer_id = partners.partner_id
    left join addresses on partners.email = addresses.email
)

select * from final
