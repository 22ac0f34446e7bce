-- The loyalty add-on: loyalty_transaction. Keys: t<id>, @<moment> for what changed afterwards.
with versions as (
    select * from {{ ref("stg_odoo__loyalty_transaction_version") }}
),

changes as (
    select
        versions.loyalty_transaction_id,
        versions.loyalty_account_id,
        versions.known_from_at as seen_at,
        versions.known_from_date as seen_date,
        versions.points_change,
        true as is_there
    from versions
    union all
    select
        versions.loyalty_transaction_id,
        versions.loyalty_account_id,
        versions.known_to_at as seen_at,
        versions.known_to_date as seen_date,
        -versions.points_change as points_change,
        false as is_there
    from versions
    where versions.has_ended
),

netted as (
    select
        changes.loyalty_transaction_id,
        changes.loyalty_account_id,
        changes.seen_at,
        min(changes.seen_date) as seen_date,
        sum(changes.points_change) as points,
        not bool_or(changes.is_there) as is_deletion
    from changes
    group by changes.loyalty_transaction_id, changes.loyalty_account_id, changes.seen_at
),

firsts as (
    select distinct on (versions.loyalty_transaction_id)
        versions.*,
        versions.transaction_type in ('adjust', 'redeem', 'earn')
        and coalesce(lower(versions.source_type), '') in ('refund', 'order_refund', 'return', 'cancellation')
            as is_refund,
        't' || versions.loyalty_transaction_id as row_key
    from versions
    order by versions.loyalty_transaction_id, versions.known_from_at
),

-- The movements of an order, which its refund gives back or takes back.
of_orders as (
    select
        firsts.loyalty_account_id,
        firsts.source_id as order_id,
        min('addon-' || firsts.row_key) filter (where firsts.points_change > 0) as lot_key,
        min(firsts.row_key) filter (where firsts.points_change < 0) as use_key
    from firsts
    where firsts.source_type = 'order' and firsts.transaction_type in ('earn', 'redeem')
    group by firsts.loyalty_account_id, firsts.source_id
),

typed as (
    select
        netted.*,
        firsts.row_key,
        firsts.source_type,
        firsts.source_id,
        firsts.is_refund,
        firsts.transaction_type,
        firsts.expiry_date as own_expiry_date,
        netted.seen_at = firsts.known_from_at as is_first,
        case
            when netted.seen_at = firsts.known_from_at then firsts.recorded_at
            else greatest(netted.seen_at at time zone 'UTC', firsts.recorded_at)
        end as changed_at,
        case
            when netted.seen_at = firsts.known_from_at then firsts.record_date
            else greatest(netted.seen_date, firsts.record_date)
        end as change_date,
        of_orders.lot_key as refunded_lot_key,
        of_orders.use_key as refunded_use_key
    from netted
    inner join firsts on netted.loyalty_transaction_id = firsts.loyalty_transaction_id
    left join of_orders
        on
            netted.loyalty_account_id = of_orders.loyalty_account_id
            and firsts.source_id = of_orders.order_id
            and firsts.is_refund
    where netted.points <> 0
),

final as (
    select
        'addon' as source_kind,
        typed.loyalty_account_id as card_id,
        case
            when typed.is_first then typed.row_key
            else typed.row_key || '@' || extract(epoch from typed.seen_at)::bigint
        end as entry_key,
        case
            when typed.is_refund then 'refund'
            when typed.is_first then typed.transaction_type
            when typed.transaction_type in ('expire', 'transfer') then typed.transaction_type
            else 'adjust'
        end as entry_type,
        typed.points,
        typed.changed_at as entry_at,
        typed.change_date as entry_date,
        {{ entry_order("typed.loyalty_transaction_id", "'use'") }} as entry_order,
        typed.seen_at,
        case when typed.source_type = 'order' or typed.is_refund then typed.source_id end as order_id,
        null::integer as pos_order_id,
        typed.own_expiry_date,
        case
            when typed.points > 0 and not typed.is_refund and typed.transaction_type in ('earn', 'adjust', 'transfer')
                then
                    'addon-' || typed.row_key
                    || case when typed.is_first then '' else '@' || extract(epoch from typed.seen_at)::bigint end
        end as lot_key,
        case
            when typed.transaction_type = 'expire' and typed.source_type = 'loyalty_transaction'
                then 'addon-t' || typed.source_id
            when typed.points < 0 and typed.is_refund then typed.refunded_lot_key
            when typed.points < 0 and not typed.is_first and typed.transaction_type in ('earn', 'adjust', 'transfer')
                then 'addon-' || typed.row_key
        end as bound_lot_key,
        case
            when typed.points < 0 then null
            when typed.is_refund then typed.refunded_use_key
            when not typed.is_first and typed.transaction_type = 'redeem' then typed.row_key
        end as returned_entry_key,
        case
            when typed.is_first then coalesce(typed.source_type, 'manual')
            when typed.is_deletion then 'source row deleted'
            else 'source row changed'
        end as reason
    from typed
)

select * from final
