{{ config(materialized="table") }}

-- What orders did to cards before the database had a log of points (Odoo 16 and 17; an upgraded database has the log
-- from its upgrade on). Keys: o<order>, p<POS order>, each with the card.
with order_points as (
    select * from {{ ref("stg_odoo__sale_order_coupon_points") }}
),

orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
    where is_confirmed
),

order_lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
    where is_reward and points_used <> 0
),

pos_orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
    where is_paid
),

pos_lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
    where is_reward and points_used <> 0
),

cards as (
    select * from {{ ref("int_loyalty__cards") }}
    where source_kind = 'odoo'
),

log as (
    select min(versions.recorded_at) as begins_at
    from {{ ref("stg_odoo__loyalty_history_version") }} as versions
),

movements as (
    select
        'o' || orders.order_id as document_key,
        orders.order_id,
        null::integer as pos_order_id,
        orders.ordered_at as entry_at,
        orders.order_date as entry_date,
        order_points.loyalty_card_id as card_id,
        'issue' as side,
        order_points.points_issued as points
    from order_points
    inner join orders on order_points.order_id = orders.order_id
    union all
    select
        'o' || orders.order_id as document_key,
        orders.order_id,
        null::integer as pos_order_id,
        orders.ordered_at as entry_at,
        orders.order_date as entry_date,
        order_lines.loyalty_card_id as card_id,
        'use' as side,
        -order_lines.points_used as points
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    union all
    -- What a point of sale issued has no row anywhere: the chatter's tracking or the balance shows it.
    select
        'p' || pos_orders.pos_order_id as document_key,
        null::integer as order_id,
        pos_orders.pos_order_id,
        pos_orders.ordered_at as entry_at,
        pos_orders.order_date as entry_date,
        pos_lines.loyalty_card_id as card_id,
        'use' as side,
        -pos_lines.points_used as points
    from pos_lines
    inner join pos_orders on pos_lines.pos_order_id = pos_orders.pos_order_id
),

summed as (
    select
        movements.document_key,
        movements.order_id,
        movements.pos_order_id,
        movements.entry_at,
        movements.entry_date,
        movements.card_id,
        movements.side,
        round(sum(movements.points), 4) as points
    from movements
    cross join log
    where log.begins_at is null or movements.entry_at < log.begins_at
    group by
        movements.document_key,
        movements.order_id,
        movements.pos_order_id,
        movements.entry_at,
        movements.entry_date,
        movements.card_id,
        movements.side
),

final as (
    select
        'odoo' as source_kind,
        summed.card_id,
        summed.document_key || '-c' || summed.card_id || left(summed.side, 1) as entry_key,
        case
            when summed.side = 'issue' and summed.points > 0 then 'earn'
            when summed.side = 'use' and summed.points < 0 then 'redeem'
            else 'refund'
        end as entry_type,
        summed.points,
        summed.entry_at,
        summed.entry_date,
        {{ entry_order("coalesce(summed.order_id, summed.pos_order_id)", "summed.side") }} as entry_order,
        null::timestamptz as seen_at,
        summed.order_id,
        summed.pos_order_id,
        null::date as own_expiry_date,
        case when summed.points > 0 then 'odoo-' || summed.document_key || '-c' || summed.card_id end as lot_key,
        null as bound_lot_key,
        null as returned_entry_key,
        case when summed.order_id is not null then 'order' else 'pos order' end as reason
    from summed
    inner join cards on summed.card_id = cards.card_id
    where summed.points <> 0
)

select * from final
