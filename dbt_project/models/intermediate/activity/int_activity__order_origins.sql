{{ config(materialized="table") }}

with orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

order_lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

pos_orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
),

pos_lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
),

sources as (
    select * from {{ ref("stg_odoo__utm_source") }}
),

-- Lines, not quantities: kilograms and pieces do not add up.
order_items as (
    select
        order_lines.order_id,
        count(*)::integer as item_count
    from order_lines
    where
        order_lines.product_id is not null
        and not order_lines.is_delivery
        and not order_lines.is_reward
        and not order_lines.is_downpayment
    group by order_lines.order_id
),

pos_items as (
    select
        pos_lines.pos_order_id,
        count(*)::integer as item_count
    from pos_lines
    where pos_lines.quantity > 0 and not pos_lines.is_reward and pos_lines.settled_order_line_id is null
    group by pos_lines.pos_order_id
),

final as (
    select
        'order' as sale_source,
        orders.order_id,
        case
            when orders.is_subscription or orders.made_by_subscription_id is not null then 'subscription'
            when orders.website_id is not null then 'web'
            else 'back_office'
        end as origin,
        coalesce(order_items.item_count, 0) as item_count,
        orders.campaign_id,
        sources.source_name
    from orders
    left join order_items on orders.order_id = order_items.order_id
    left join sources on orders.source_id = sources.source_id
    where orders.is_confirmed
    union all
    select
        'pos' as sale_source,
        pos_orders.pos_order_id as order_id,
        'pos' as origin,
        coalesce(pos_items.item_count, 0) as item_count,
        null as campaign_id,
        null as source_name
    from pos_orders
    left join pos_items on pos_orders.pos_order_id = pos_items.pos_order_id
    where pos_orders.is_paid
)

select * from final
