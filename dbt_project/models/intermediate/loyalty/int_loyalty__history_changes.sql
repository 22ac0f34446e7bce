-- An entry of the log is written once, but not for ever: `used` of a confirmed order grows in place, and a cancelled
-- order's entries are deleted. What changed after an entry was first seen is a change of its own.
with versions as (
    select * from {{ ref("stg_odoo__loyalty_history_version") }}
),

cards as (
    select * from {{ ref("int_loyalty__cards") }}
    where source_kind = 'odoo'
),

pos_orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
),

pos_lines as (
    select * from {{ ref("stg_odoo__pos_order_line") }}
),

changes as (
    select
        versions.loyalty_history_id,
        versions.loyalty_card_id,
        versions.known_from_at as seen_at,
        versions.known_from_date as seen_date,
        versions.points_issued,
        versions.points_used,
        true as is_there
    from versions
    union all
    select
        versions.loyalty_history_id,
        versions.loyalty_card_id,
        versions.known_to_at as seen_at,
        versions.known_to_date as seen_date,
        -versions.points_issued as points_issued,
        -versions.points_used as points_used,
        false as is_there
    from versions
    where versions.has_ended
),

netted as (
    select
        changes.loyalty_history_id,
        changes.loyalty_card_id,
        changes.seen_at,
        min(changes.seen_date) as seen_date,
        sum(changes.points_issued) as points_issued,
        sum(changes.points_used) as points_used,
        not bool_or(changes.is_there) as is_deletion
    from changes
    group by changes.loyalty_history_id, changes.loyalty_card_id, changes.seen_at
),

firsts as (
    select distinct on (versions.loyalty_history_id) versions.*
    from versions
    order by versions.loyalty_history_id, versions.known_from_at
),

refunded_orders as (
    select
        refund_lines.pos_order_id,
        min(sold_lines.pos_order_id) as refunded_pos_order_id
    from pos_lines as refund_lines
    inner join pos_lines as sold_lines on refund_lines.refunded_line_id = sold_lines.pos_order_line_id
    group by refund_lines.pos_order_id
),

final as (
    select
        netted.loyalty_card_id as card_id,
        netted.loyalty_history_id,
        netted.seen_at,
        netted.points_issued,
        netted.points_used,
        netted.is_deletion,
        netted.seen_at = firsts.known_from_at as is_first,
        firsts.order_id,
        firsts.pos_order_id,
        coalesce(firsts.order_id, firsts.pos_order_id) is not null as is_of_order,
        coalesce(pos_orders.is_refund, false) as is_refund_order,
        refunded_orders.refunded_pos_order_id,
        firsts.history_text,
        firsts.recorded_at,
        -- A change is known from the extraction that found it, and not before the entry.
        case
            when netted.seen_at = firsts.known_from_at then firsts.recorded_at
            else greatest(netted.seen_at at time zone 'UTC', firsts.recorded_at)
        end as changed_at,
        case
            when netted.seen_at = firsts.known_from_at then firsts.record_date
            else greatest(netted.seen_date, firsts.record_date)
        end as change_date
    from netted
    inner join cards on netted.loyalty_card_id = cards.card_id
    inner join firsts on netted.loyalty_history_id = firsts.loyalty_history_id
    left join pos_orders on firsts.pos_order_id = pos_orders.pos_order_id
    left join refunded_orders on firsts.pos_order_id = refunded_orders.pos_order_id
    where netted.points_issued <> 0 or netted.points_used <> 0
)

select * from final
