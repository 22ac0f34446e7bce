{{ config(materialized="table") }}

{# The one address of a customer in each channel: of the contact who ordered last, else its own. #}
with buyers as (
    select * from {{ ref("int_contact__buyers") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

customers as (
    select distinct buyers.customer_id
    from buyers
),

channels as (
    select unnest(array['email', 'sms']) as channel
),

addresses as (
    select
        buyers.*,
        'email' as channel,
        buyers.email as address
    from buyers
    where buyers.email is not null
    union all
    select
        buyers.*,
        'sms' as channel,
        buyers.phone as address
    from buyers
    where buyers.phone is not null
),

chosen as (
    select distinct on (addresses.customer_id, addresses.channel) addresses.*
    from addresses
    order by
        addresses.customer_id,
        addresses.channel,
        addresses.last_ordered_at desc nulls last,
        addresses.is_main desc,
        addresses.partner_id
),

final as (
    select
        customers.customer_id,
        channels.channel,
        chosen.address,
        coalesce(chosen.partner_id, customers.customer_id) as partner_id,
        coalesce(chosen.partner_name, partners.partner_name) as customer_name,
        coalesce(chosen.bounce_count, 0) as bounce_count,
        case when chosen.partner_id is null then partners.birth_date else chosen.birth_date end as birth_date
    from customers
    cross join channels
    inner join partners on customers.customer_id = partners.partner_id
    left join chosen
        on customers.customer_id = chosen.customer_id and channels.channel = chosen.channel
)

select * from final
