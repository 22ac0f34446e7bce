{{ config(key=["customer_sk"]) }}

{# The evidence of int_customer__evidence by its day: from when on somebody was a customer, and in what way. #}
with sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

web_orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
    where website_id is not null
),

leads as (
    select * from {{ ref("stg_odoo__crm_lead") }}
),

cards as (
    select * from {{ ref("stg_odoo__loyalty_card") }}
    where is_loyalty
),

-- What was ordered in the web shop was a cart first. An import may be younger than what it brings along.
dated as (
    select
        web_orders.partner_id,
        'cart' as reason,
        least(web_orders.created_date, web_orders.order_date) as evidence_date
    from web_orders
    where web_orders.is_cart or web_orders.is_confirmed
    union all
    select
        leads.partner_id,
        'lead' as reason,
        leads.created_date as evidence_date
    from leads
    union all
    select
        cards.partner_id,
        'card' as reason,
        cards.created_date as evidence_date
    from cards
),

known as (
    select
        {{ surrogate_key(["'customer'", "contacts.customer_id"]) }} as customer_sk,
        dated.reason,
        dated.evidence_date
    from dated
    inner join contacts on dated.partner_id = contacts.partner_id
    where dated.evidence_date is not null
    union all
    select
        sales.customer_sk,
        'sale' as reason,
        sales.sale_date as evidence_date
    from sales
),

final as (
    select
        known.customer_sk,
        min(known.evidence_date) as arrival_date,
        min(known.evidence_date) filter (where known.reason = 'sale') as first_sale_date,
        min(known.evidence_date) filter (where known.reason = 'cart') as first_cart_date,
        min(known.evidence_date) filter (where known.reason = 'lead') as first_lead_date,
        min(known.evidence_date) filter (where known.reason = 'card') as first_card_date
    from known
    group by known.customer_sk
)

select * from final
