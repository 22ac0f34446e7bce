-- Changes of a balance that the chatter tracked and no order explains, a day at a time: order and message are not
-- stamped alike. Only from before the database had a log of points. Keys: m<id of the day's last tracking>.
with tracked as (
    select * from {{ ref("stg_odoo__mail_tracking_value") }}
),

order_entries as (
    select * from {{ ref("int_loyalty__order_entries") }}
),

expiries as (
    select * from {{ ref("int_loyalty__expiries") }}
    where source_kind = 'odoo' and is_acknowledged
),

cards as (
    select * from {{ ref("int_loyalty__cards") }}
    where source_kind = 'odoo'
),

log as (
    select min(versions.recorded_at) as begins_at
    from {{ ref("stg_odoo__loyalty_history_version") }} as versions
),

days as (
    select
        tracked.loyalty_card_id as card_id,
        tracked.change_date,
        max(tracked.tracking_value_id) as tracking_value_id,
        max(tracked.changed_at) as changed_at,
        round(sum(tracked.points_after - tracked.points_before), 4) as points
    from tracked
    inner join cards on tracked.loyalty_card_id = cards.card_id
    cross join log
    where
        (log.begins_at is null or tracked.changed_at < log.begins_at)
        -- An expiry of ours is an entry of its own.
        and not exists (
            select 1 from expiries
            where
                expiries.card_id = tracked.loyalty_card_id
                and expiries.pushed_date = tracked.change_date
                and round(tracked.points_before - tracked.points_after, 4) = expiries.points
        )
    group by tracked.loyalty_card_id, tracked.change_date
),

explained as (
    select
        order_entries.card_id,
        order_entries.entry_date,
        sum(order_entries.points) as points
    from order_entries
    group by order_entries.card_id, order_entries.entry_date
),

unexplained as (
    select
        days.card_id,
        days.change_date,
        days.tracking_value_id,
        days.changed_at,
        days.points - coalesce(explained.points, 0) as points
    from days
    left join explained on days.card_id = explained.card_id and days.change_date = explained.entry_date
),

final as (
    select
        'odoo' as source_kind,
        unexplained.card_id,
        'm' || unexplained.tracking_value_id as entry_key,
        'adjust' as entry_type,
        unexplained.points,
        unexplained.changed_at as entry_at,
        unexplained.change_date as entry_date,
        {{ entry_order("unexplained.tracking_value_id", "'issue'") }} as entry_order,
        null::timestamptz as seen_at,
        null::integer as order_id,
        null::integer as pos_order_id,
        null::date as own_expiry_date,
        case when unexplained.points > 0 then 'odoo-m' || unexplained.tracking_value_id end as lot_key,
        null as bound_lot_key,
        null as returned_entry_key,
        'manual' as reason
    from unexplained
    where unexplained.points <> 0
)

select * from final
