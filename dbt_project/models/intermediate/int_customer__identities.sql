{{ config(materialized="table") }}

with partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

users as (
    select * from {{ ref("stg_odoo__res_users") }}
),

never_customers as (
    select users.partner_id
    from users
    where not users.is_portal_or_public
    union distinct
    select companies.company_partner_id
    from {{ ref("stg_odoo__res_company") }} as companies
    union distinct
    select users.partner_id
    from {{ ref("stg_odoo__website") }} as websites
    inner join users on websites.public_user_id = users.user_id
),

final as (
    select
        partners.partner_id,
        partners.commercial_partner_id as customer_id
    from partners
    where
        partners.partner_id not in (select never_customers.partner_id from never_customers)
        and partners.commercial_partner_id not in (select never_customers.partner_id from never_customers)
)

select * from final
