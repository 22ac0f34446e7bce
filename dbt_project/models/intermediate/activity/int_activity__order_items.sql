{{ config(materialized="table") }}

with order_lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

pos_lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
),

-- Lines, not quantities: kilograms and pieces do not add up.
final as (
    select
        'order' as sale_source,
        order_lines.order_id,
        count(*) filter (
            where
            order_lines.product_id is not null
            and not order_lines.is_delivery
            and not order_lines.is_reward
            and not order_lines.is_downpayment
        )::integer as item_count
    from order_lines
    group by order_lines.order_id
    union all
    select
        'pos' as sale_source,
        pos_lines.pos_order_id as order_id,
        count(*) filter (
            where pos_lines.quantity > 0 and not pos_lines.is_reward and pos_lines.settled_order_line_id is null
        )::integer as item_count
    from pos_lines
    group by pos_lines.pos_order_id
)

select * from final
