with tables as (
    select * from {{ ref("stg_ops__source_table") }}
),

extractions as (
    select * from {{ ref("stg_ops__extraction") }}
),

loads as (
    select * from {{ ref("stg_ops__extracted_table") }}
),

quarantined as (
    select
        cases.table_name,
        count(*) as open_rows
    from {{ ref("stg_ops__quarantined_row") }} as cases
    where cases.resolved_extraction_id is null
    group by cases.table_name
),

newest as (
    select
        extractions.extraction_id,
        extractions.source_snapshot_at
    from extractions
    order by extractions.extraction_id desc
    limit 1
),

final as (
    select
        tables.table_name,
        coalesce(tables.state, 'stopped') as state,
        tables.loaded_rows,
        round(tables.source_bytes / 1000000.0, 1) as source_megabytes,
        tables.loaded_snapshot_at,
        -- Not below 0: an extraction that failed later may have loaded it.
        round(
            extract(
                epoch from greatest(newest.source_snapshot_at, tables.loaded_snapshot_at) - tables.loaded_snapshot_at
            ) / 3600, 1
        ) as hours_behind,
        loads.extraction_mode,
        loads.changed_rows,
        loads.deleted_rows,
        loads.seconds,
        coalesce(quarantined.open_rows, 0) as quarantined_rows,
        tables.missing_columns
    from tables
    left join newest on true
    left join loads on tables.table_name = loads.table_name and newest.extraction_id = loads.extraction_id
    left join quarantined on tables.table_name = quarantined.table_name
)

select * from final
