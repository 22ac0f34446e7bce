-- Acknowledged expiries, as far as the moment knows them that this run is about.
with expiries as (
    select * from {{ ref("stg_ops__loyalty_expiry") }}
    where
        pushed_at is not null
        and expiry_state in ('done', 'compensated')
        {%- if var("known_at") %}
        and pushed_at <= timestamptz '{{ var("known_at") }}'
        {%- endif %}
),

extractions as (
    select * from {{ ref("stg_ops__extraction") }}
    {%- if var("known_at") %}
    where source_snapshot_at <= timestamptz '{{ var("known_at") }}'
    {%- endif %}
),

final as (
    select
        expiries.*,
        -- Not yet in what was read from the source.
        coalesce(expiries.pushed_at > (select max(extractions.source_snapshot_at) from extractions), true)
            as is_pending
    from expiries
)

select * from final
