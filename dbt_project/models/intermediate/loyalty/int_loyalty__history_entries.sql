-- Odoo 18 and 19: loyalty_history. Keys: h<id>, side u (use) or i (issue), @<moment> for what changed afterwards.
with changes as (
    select * from {{ ref("int_loyalty__history_changes") }}
),

expiries as (
    select * from {{ ref("int_loyalty__expiries") }}
    where source_kind = 'odoo'
),

sides as (
    select
        changes.*,
        sides.side,
        sides.points,
        'h' || changes.loyalty_history_id as row_key
    from changes
    cross join
        lateral (
            values ('use', -changes.points_used), ('issue', changes.points_issued)
        ) as sides (side, points)
    where sides.points <> 0
),

-- The entries of an order, which its refund gives back or takes back.
of_orders as (
    select
        changes.card_id,
        changes.pos_order_id,
        min('odoo-h' || changes.loyalty_history_id) filter (where changes.points_issued > 0) as lot_key,
        min('h' || changes.loyalty_history_id || 'u') filter (where changes.points_used > 0) as use_key
    from changes
    where changes.pos_order_id is not null and changes.is_first and not changes.is_refund_order
    group by changes.card_id, changes.pos_order_id
),

typed as (
    select
        sides.*,
        expiries.expiry_key,
        expiries.lot_key as expired_lot_key,
        -- The row that takes the place of our own proof, under its name.
        coalesce(
            sides.points < 0
            and row_number() over (
                partition by expiries.expiry_key, sides.points < 0 order by sides.seen_at, sides.loyalty_history_id
            ) = 1
            and expiries.expiry_state <> 'compensated',
            false
        ) as is_proof,
        of_orders.lot_key as refunded_lot_key,
        of_orders.use_key as refunded_use_key,
        case
            when expiries.expiry_key is not null then 'expire'
            when not sides.is_of_order then 'adjust'
            when sides.is_refund_order then 'refund'
            -- Less of what the order did than before, or nothing any more.
            when sides.points < 0 and sides.side = 'use' then 'redeem'
            when sides.points > 0 and sides.side = 'issue' and sides.is_first then 'earn'
            when sides.points > 0 and sides.side = 'issue' then 'adjust'
            else 'refund'
        end as entry_type
    from sides
    left join expiries
        on sides.history_text = expiries.expiry_key and sides.card_id = expiries.card_id
    left join of_orders
        on sides.card_id = of_orders.card_id and sides.refunded_pos_order_id = of_orders.pos_order_id
),

final as (
    select
        'odoo' as source_kind,
        typed.card_id,
        case
            when typed.is_proof then typed.expiry_key
            when typed.is_first then typed.row_key || left(typed.side, 1)
            else typed.row_key || left(typed.side, 1) || '@' || extract(epoch from typed.seen_at)::bigint
        end as entry_key,
        typed.entry_type,
        typed.points,
        typed.changed_at as entry_at,
        typed.change_date as entry_date,
        {{ entry_order("typed.loyalty_history_id", "typed.side") }} as entry_order,
        typed.seen_at,
        typed.order_id,
        typed.pos_order_id,
        null::date as own_expiry_date,
        case
            when typed.points > 0 and typed.entry_type in ('earn', 'adjust') and typed.side = 'issue'
                then
                    'odoo-' || typed.row_key
                    || case when typed.is_first then '' else '@' || extract(epoch from typed.seen_at)::bigint end
        end as lot_key,
        case
            when typed.expiry_key is not null then typed.expired_lot_key
            when typed.points < 0 and typed.is_refund_order then typed.refunded_lot_key
            -- An issue that shrank takes from its own lot.
            when typed.points < 0 and typed.side = 'issue' then 'odoo-' || typed.row_key
        end as bound_lot_key,
        case
            when typed.expiry_key is not null or typed.points < 0 then null
            when typed.is_refund_order then typed.refunded_use_key
            when typed.side = 'use' then typed.row_key || 'u'
        end as returned_entry_key,
        case
            when typed.expiry_key is not null then 'expiry'
            when not typed.is_first and typed.is_deletion then 'source row deleted'
            when not typed.is_first then 'source row changed'
            when typed.is_refund_order then 'refund'
            when typed.order_id is not null then 'order'
            when typed.pos_order_id is not null then 'pos order'
            else 'manual'
        end as reason
    from typed
)

select * from final
