-- Expiries on their way, as far as the moment knows them that this run is about. One that was cut off between the write
-- and its acknowledgement is known by the source's own row.
with expiries as (
    select * from {{ ref("stg_ops__loyalty_expiry") }}
    {%- if var("is_past") %}
    where pushed_at is null or pushed_at <= {{ known_at() }}
    {%- endif %}
),

extractions as (
    select * from {{ ref("stg_ops__extraction") }}
    {%- if var("is_past") %}
    where source_snapshot_at <= {{ known_at() }}
    {%- endif %}
),

final as (
    select
        expiries.*,
        expiries.expiry_state = 'done' as is_acknowledged,
        -- Not yet in what was read from the source.
        expiries.expiry_state = 'done'
        and coalesce(expiries.pushed_at > (select max(extractions.source_snapshot_at) from extractions), true)
            as is_pending
    from expiries
)

select * from final
