-- Everything that the source says happened to points, and what we expired in it.
{{ config(materialized="table") }}

with history_entries as (
    select * from {{ ref("int_loyalty__history_entries") }}
),

order_entries as (
    select * from {{ ref("int_loyalty__order_entries") }}
),

tracked_entries as (
    select * from {{ ref("int_loyalty__tracked_entries") }}
),

addon_entries as (
    select * from {{ ref("int_loyalty__addon_entries") }}
),

expiries as (
    select * from {{ ref("int_loyalty__expiries") }}
    where is_acknowledged
),

history_versions as (
    select * from {{ ref("stg_odoo__loyalty_history_version") }}
),

-- The add-on's row of an expiry is known by its moment: one transaction wrote it and the proof, and
-- both have its beginning. The second leaves room for a column without fractions.
read_from_addon as (
    select distinct expiries.expiry_key
    from expiries
    inner join addon_entries
        on
            expiries.source_kind = addon_entries.source_kind
            and expiries.card_id = addon_entries.card_id
            and addon_entries.entry_type = 'expire'
            and abs(extract(epoch from addon_entries.entry_at - expiries.pushed_at at time zone 'UTC')) <= 1
),

-- The source's own row of an expiry takes the place of ours as soon as it was read; a version without a log, and a
-- write that was not read yet, leave ours as the proof.
own_proof as (
    select expiries.*
    from expiries
    left join read_from_addon on expiries.expiry_key = read_from_addon.expiry_key
    where
        case
            when expiries.source_kind = 'addon' then read_from_addon.expiry_key is null
            else not exists (
                select 1 from history_versions
                where
                    history_versions.loyalty_card_id = expiries.card_id
                    and history_versions.history_text = expiries.expiry_key
            )
        end
),

expiry_entries as (
    select
        own_proof.source_kind,
        own_proof.card_id,
        own_proof.expiry_key as entry_key,
        'expire' as entry_type,
        -own_proof.points as points,
        own_proof.pushed_at at time zone 'UTC' as entry_at,
        own_proof.pushed_date as entry_date,
        0::bigint as entry_order,
        null::timestamptz as seen_at,
        null::integer as order_id,
        null::integer as pos_order_id,
        null::date as own_expiry_date,
        null as lot_key,
        own_proof.lot_key as bound_lot_key,
        null as returned_entry_key,
        'expiry' as reason
    from own_proof
),

final as (
    select * from history_entries
    union all
    select * from order_entries
    union all
    select * from tracked_entries
    union all
    select * from addon_entries
    union all
    select * from expiry_entries
)

select * from final
