{{ config(key=["customer_sk"]) }}

with members as (
    select * from {{ ref("int_customer__evidence") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

countries as (
    select * from {{ ref("stg_odoo__res_country") }}
),

final as (
    select
        {{ surrogate_key(["'customer'", "members.customer_id"]) }} as customer_sk,
        members.customer_id,
        'C' || lpad(members.customer_id::text, 7, '0') as customer_code,
        partners.is_company,
        partners.is_archived,
        coalesce(countries.country_code, 'ZZ') as country_code,
        coalesce(countries.country_name, 'Unknown') as country_name,
        partners.city,
        partners.company_id,
        partners.created_at as registered_at,
        members.has_bought,
        members.has_cart,
        members.is_lead,
        members.has_loyalty_card
    from members
    inner join partners on members.customer_id = partners.partner_id
    left join countries on partners.country_id = countries.country_id
)

select * from final
