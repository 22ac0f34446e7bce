{{ config(materialized="table") }}

with members as (
    select * from {{ ref("int_customer__evidence") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

former_partners as (
    select * from {{ ref("stg_odoo__former_partner") }}
),

-- Merged into another customer, or gone from Odoo: past days at which they were customers still lead to them.
former as (
    select former_partners.*
    from former_partners
    left join members on former_partners.partner_id = members.customer_id
    left join partners on former_partners.partner_id = partners.partner_id
    left join identities on former_partners.partner_id = identities.partner_id
    where
        members.customer_id is null
        -- Who is still there, but no customer by identity, is staff by now.
        and (partners.partner_id is null or identities.partner_id is not null)
),

final as (
    select
        members.customer_id,
        partners.is_company,
        partners.is_archived,
        partners.created_at as registered_at,
        members.has_bought,
        members.has_cart,
        members.is_lead,
        members.has_loyalty_card,
        false as is_former
    from members
    inner join partners on members.customer_id = partners.partner_id
    union all
    select
        former.partner_id as customer_id,
        former.is_company,
        former.is_archived,
        former.created_at as registered_at,
        false as has_bought,
        false as has_cart,
        false as is_lead,
        false as has_loyalty_card,
        true as is_former
    from former
)

select * from final
