{{ config(materialized="table") }}

{# Why a commercial entity is a customer: it bought, has a cart, was a lead or holds a loyalty card. #}
with identities as (
    select * from {{ ref("int_customer__identities") }}
),

evidence as (
    select
        lines.partner_id,
        'bought' as reason
    from {{ ref("int_sales__lines") }} as lines
    union all
    select
        orders.partner_id,
        'cart' as reason
    from {{ ref("stg_odoo__sale_order") }} as orders
    where orders.is_cart
    union all
    select
        leads.partner_id,
        'lead' as reason
    from {{ ref("stg_odoo__crm_lead") }} as leads
    union all
    select
        cards.partner_id,
        'loyalty card' as reason
    from {{ ref("stg_odoo__loyalty_card") }} as cards
    where cards.is_loyalty
),

final as (
    select
        identities.customer_id,
        bool_or(evidence.reason = 'bought') as has_bought,
        bool_or(evidence.reason = 'cart') as has_cart,
        bool_or(evidence.reason = 'lead') as is_lead,
        bool_or(evidence.reason = 'loyalty card') as has_loyalty_card
    from evidence
    inner join identities on evidence.partner_id = identities.partner_id
    group by identities.customer_id
)

select * from final
