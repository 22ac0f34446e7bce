with subscriptions as (
    select subscription.order_id
    from {{ ref("stg_odoo__sale_subscription") }} as subscription
    where subscription.order_id is not null
),

orders as (
    select
        'order' as sale_source,
        orders.order_id,
        case
            when
                orders.is_subscription
                or orders.made_by_subscription_id is not null
                or orders.order_id in (select subscriptions.order_id from subscriptions)
                then 'SUBSCRIPTION'
            when orders.website_id is not null then 'WEBSHOP'
            else 'SALES_TEAM'
        end as channel_code
    from {{ ref("stg_odoo__sale_order") }} as orders
),

receipts as (
    select
        'pos' as sale_source,
        orders.pos_order_id as order_id,
        'POS' as channel_code
    from {{ ref("stg_odoo__pos_order") }} as orders
),

invoices as (
    select
        'manual_invoice' as sale_source,
        moves.move_id as order_id,
        case when moves.made_by_subscription_id is null then 'SALES_TEAM' else 'SUBSCRIPTION' end as channel_code
    from {{ ref("stg_odoo__account_move") }} as moves
),

final as (
    select * from orders
    union all
    select * from receipts
    union all
    select * from invoices
)

select * from final
