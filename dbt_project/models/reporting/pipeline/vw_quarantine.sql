with cases as (
    select * from {{ ref("stg_ops__quarantined_row") }}
),

extractions as (
    select * from {{ ref("stg_ops__extraction_attempt") }}
),

final as (
    select
        cases.table_name,
        cases.reason,
        count(*) filter (where cases.resolved_extraction_id is null) as open_rows,
        count(*) filter (where cases.resolved_extraction_id is not null) as resolved_rows,
        min(first_met.source_snapshot_at) as first_met_at,
        max(last_met.source_snapshot_at) as last_met_at
    from cases
    left join extractions as first_met on cases.first_extraction_id = first_met.extraction_id
    left join extractions as last_met on cases.last_extraction_id = last_met.extraction_id
    group by cases.table_name, cases.reason
)

select * from final
