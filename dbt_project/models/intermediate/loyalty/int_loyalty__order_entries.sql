{{ config(materialized="table") }}

-- What orders did to cards before the database had a log of points (Odoo 16 and 17; an upgraded database has the log
-- from its upgrade on). Keys: o<order>, p<POS order>, each with the card and the side u (use) or i (issue), @<moment>
-- for what changed afterwards.
with order_changes as (
    select * from {{ ref("int_loyalty__order_changes") }}
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
        'o' || order_changes.order_id || '-c' || order_changes.card_id as document_key,
        order_changes.order_id,
        null::integer as pos_order_id,
        order_changes.card_id,
        order_changes.side,
        order_changes.points,
        order_changes.ordered_at,
        order_changes.entry_at,
        order_changes.entry_date,
        order_changes.seen_at,
        order_changes.is_first,
        order_changes.is_deletion
    from order_changes
    union all
    -- What a point of sale issued has no row anywhere: the chatter's tracking or the balance shows it. A paid order
    -- does not change any more.
    select
        'p' || pos_orders.pos_order_id || '-c' || pos_lines.loyalty_card_id as document_key,
        null::integer as order_id,
        pos_orders.pos_order_id,
        pos_lines.loyalty_card_id as card_id,
        'use' as side,
        round(sum(-pos_lines.points_used), 4) as points,
        pos_orders.ordered_at,
        pos_orders.ordered_at as entry_at,
        pos_orders.order_date as entry_date,
        null::timestamptz as seen_at,
        true as is_first,
        false as is_deletion
    from pos_lines
    inner join pos_orders on pos_lines.pos_order_id = pos_orders.pos_order_id
    group by pos_orders.pos_order_id, pos_lines.loyalty_card_id, pos_orders.ordered_at, pos_orders.order_date
),

named as (
    select
        movements.*,
        case when not movements.is_first then '@' || extract(epoch from movements.seen_at)::bigint else '' end as moment
    from movements
    cross join log
    where movements.points <> 0 and (log.begins_at is null or movements.ordered_at < log.begins_at)
),

final as (
    select
        'odoo' as source_kind,
        named.card_id,
        named.document_key || left(named.side, 1) || named.moment as entry_key,
        case
            when named.side = 'issue' and named.points > 0 and named.is_first then 'earn'
            when named.side = 'issue' and named.points > 0 then 'adjust'
            when named.side = 'use' and named.points < 0 then 'redeem'
            else 'refund'
        end as entry_type,
        named.points,
        named.entry_at,
        named.entry_date,
        {{ entry_order("coalesce(named.order_id, named.pos_order_id)", "named.side") }} as entry_order,
        named.seen_at,
        named.order_id,
        named.pos_order_id,
        null::date as own_expiry_date,
        case
            when named.points > 0 and (named.is_first or named.side = 'issue')
                then 'odoo-' || named.document_key || named.moment
        end as lot_key,
        -- An issue that shrank takes from its own lot; what was used and is not any more goes back where it came from.
        case when named.points < 0 and named.side = 'issue' then 'odoo-' || named.document_key end as bound_lot_key,
        case
            when named.points > 0 and named.side = 'use' and not named.is_first then named.document_key || 'u'
        end as returned_entry_key,
        case
            when not named.is_first and named.is_deletion then 'source row deleted'
            when not named.is_first then 'source row changed'
            when named.order_id is not null then 'order'
            else 'pos order'
        end as reason
    from named
    inner join cards on named.card_id = cards.card_id
)

select * from final
