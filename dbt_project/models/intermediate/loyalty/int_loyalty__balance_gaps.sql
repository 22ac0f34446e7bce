-- A log of points is beside the balance, not its source. Where the balance changed from one extraction to the next by
-- something else than the entries that appeared with it, the difference is an entry of its own: an opening one when the
-- card was first seen, else one of the day that the extraction stands for. Entries and balance agree by construction.
with card_versions as (
    select * from {{ ref("stg_odoo__loyalty_card_version") }}
),

account_versions as (
    select * from {{ ref("stg_odoo__customer_loyalty_version") }}
),

cards as (
    select * from {{ ref("int_loyalty__cards") }}
),

entries as (
    select * from {{ ref("int_loyalty__entries") }}
),

expiries as (
    select * from {{ ref("int_loyalty__expiries") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

versions as (
    select
        'odoo' as source_kind,
        card_versions.loyalty_card_id as card_id,
        card_versions.points_balance,
        card_versions.known_from_at,
        card_versions.known_to_at,
        card_versions.known_from_date,
        card_versions.known_to_date,
        card_versions.has_ended
    from card_versions
    union all
    select
        'addon' as source_kind,
        account_versions.loyalty_account_id as card_id,
        account_versions.points_balance,
        account_versions.known_from_at,
        account_versions.known_to_at,
        account_versions.known_from_date,
        account_versions.known_to_date,
        account_versions.has_ended
    from account_versions
),

balance_changes as (
    select
        versions.source_kind,
        versions.card_id,
        versions.known_from_at as seen_at,
        versions.known_from_date as seen_date,
        versions.points_balance as points
    from versions
    union all
    select
        versions.source_kind,
        versions.card_id,
        versions.known_to_at as seen_at,
        versions.known_to_date as seen_date,
        -versions.points_balance as points
    from versions
    where versions.has_ended
),

moments as (
    select
        balance_changes.source_kind,
        balance_changes.card_id,
        balance_changes.seen_at,
        min(balance_changes.seen_date) as seen_date,
        sum(balance_changes.points) as points,
        balance_changes.seen_at = min(balance_changes.seen_at) over (
            partition by balance_changes.source_kind, balance_changes.card_id
        ) as is_first
    from balance_changes
    group by balance_changes.source_kind, balance_changes.card_id, balance_changes.seen_at
),

-- Of ours on the add-on: the proof, or the row in its place, which has the same moment.
own_expiries as (
    select distinct
        entries.source_kind,
        entries.entry_key
    from entries
    inner join expiries
        on
            entries.source_kind = expiries.source_kind
            and entries.card_id = expiries.card_id
            and abs(extract(epoch from entries.entry_at - expiries.pushed_at at time zone 'UTC')) <= 1
    where entries.source_kind = 'addon' and entries.entry_type = 'expire' and expiries.is_acknowledged
),

-- An expiry that no extraction has read yet is in no balance either.
settled_entries as (
    select
        entries.*,
        own_expiries.entry_key is not null as is_own_expiry
    from entries
    left join expiries on entries.entry_key = expiries.expiry_key
    left join own_expiries
        on entries.source_kind = own_expiries.source_kind and entries.entry_key = own_expiries.entry_key
    where not coalesce(expiries.is_pending, false)
),

-- Entries without versions of their own were seen with the balance that followed them, else with the last. An expiry of
-- ours on the add-on is in the first balance that followed it, even if its row was read a night later or not yet;
-- where none followed, no balance has it.
timeline as (
    select
        moments.source_kind,
        moments.card_id,
        moments.seen_at,
        moments.seen_at as happened_at,
        moments.points as balance_points,
        0::numeric as entry_points,
        false as is_own_expiry
    from moments
    union all
    select
        settled_entries.source_kind,
        settled_entries.card_id,
        settled_entries.seen_at,
        case
            when settled_entries.is_own_expiry or settled_entries.seen_at is null
                then settled_entries.entry_at at time zone 'UTC'
            else settled_entries.seen_at
        end as happened_at,
        0::numeric as balance_points,
        settled_entries.points as entry_points,
        settled_entries.is_own_expiry
    from settled_entries
),

neighbours as (
    select
        timeline.*,
        min(timeline.seen_at) over (
            partition by timeline.source_kind, timeline.card_id
            order by timeline.happened_at range between current row and unbounded following
        ) as next_seen_at,
        max(timeline.seen_at) over (partition by timeline.source_kind, timeline.card_id) as last_seen_at
    from timeline
),

placed as (
    select
        neighbours.source_kind,
        neighbours.card_id,
        neighbours.balance_points,
        neighbours.entry_points,
        case
            when neighbours.is_own_expiry then neighbours.next_seen_at
            else coalesce(neighbours.seen_at, neighbours.next_seen_at, neighbours.last_seen_at)
        end as seen_at
    from neighbours
    where not neighbours.is_own_expiry or neighbours.next_seen_at is not null
),

gaps as (
    select
        placed.source_kind,
        placed.card_id,
        placed.seen_at,
        sum(placed.balance_points) - sum(placed.entry_points) as points
    from placed
    group by placed.source_kind, placed.card_id, placed.seen_at
    having sum(placed.balance_points) <> sum(placed.entry_points)
),

dated as (
    select
        gaps.*,
        coalesce(moments.is_first, false) as is_first,
        cards.created_at,
        cards.created_date,
        extract(epoch from gaps.seen_at)::bigint as seen_epoch,
        -- As last_day_known() has it for versions; here without one.
        greatest(
            coalesce(moments.seen_date, (gaps.seen_at at time zone warehouse.business_time_zone)::date - 1),
            cards.created_date
        ) as seen_date
    from gaps
    cross join warehouse
    inner join cards on gaps.source_kind = cards.source_kind and gaps.card_id = cards.card_id
    left join moments
        on
            gaps.source_kind = moments.source_kind
            and gaps.card_id = moments.card_id
            and gaps.seen_at = moments.seen_at
),

final as (
    select
        dated.source_kind,
        dated.card_id,
        'c' || dated.card_id || case when dated.is_first then '' else '@' || dated.seen_epoch end as entry_key,
        'adjust' as entry_type,
        dated.points,
        case
            when dated.is_first and dated.points > 0 then dated.created_at
            else greatest(dated.seen_at at time zone 'UTC', dated.created_at)
        end as entry_at,
        case when dated.is_first and dated.points > 0 then dated.created_date else dated.seen_date end as entry_date,
        -- Before everything else of its moment: points that were there already.
        -1::bigint as entry_order,
        dated.seen_at,
        null::integer as order_id,
        null::integer as pos_order_id,
        null::date as own_expiry_date,
        case
            when dated.points > 0
                then
                    dated.source_kind || '-c' || dated.card_id
                    || case when dated.is_first then '' else '@' || dated.seen_epoch end
        end as lot_key,
        null as bound_lot_key,
        null as returned_entry_key,
        case when dated.is_first and dated.points > 0 then 'opening' else 'mismatch' end as reason
    from dated
)

select * from final
