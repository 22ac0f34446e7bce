{{ config(materialized="table") }}

{# Whom to address for a customer: its own partner, and the contact who ordered last. #}
with contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

orders as (
    select
        sale_orders.partner_id,
        sale_orders.ordered_at
    from {{ ref("stg_odoo__sale_order") }} as sale_orders
    where sale_orders.is_confirmed
    union all
    select
        receipts.partner_id,
        receipts.ordered_at
    from {{ ref("stg_odoo__pos_order") }} as receipts
    where receipts.is_paid and receipts.partner_id is not null
),

last_orders as (
    select
        orders.partner_id,
        max(orders.ordered_at) as last_ordered_at
    from orders
    group by orders.partner_id
),

final as (
    select
        contacts.customer_id,
        contacts.partner_id,
        contacts.partner_id = contacts.customer_id as is_main,
        last_orders.last_ordered_at,
        partners.partner_name,
        partners.email,
        -- What a text message can be sent to: E.164, as Odoo's own sanitizer writes it.
        case when partners.phone_normalized ~ '^\+[1-9][0-9]{6,14}$' then partners.phone_normalized end as phone,
        partners.bounce_count,
        partners.birth_date,
        partners.is_archived
    from contacts
    inner join partners on contacts.partner_id = partners.partner_id
    left join last_orders on contacts.partner_id = last_orders.partner_id
    where
        contacts.partner_id = contacts.customer_id
        -- An archived contact has left the customer.
        or (last_orders.partner_id is not null and not partners.is_archived)
)

select * from final
