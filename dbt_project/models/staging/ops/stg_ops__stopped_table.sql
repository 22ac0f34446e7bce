with tables as (
    select * from {{ source("ops", "extracted_table") }}
),

newest as (
    select max(extraction_id) as extraction_id
    from {{ source("ops", "extraction") }}
    where state = 'complete'
),

final as (
    select
        tables.table_name,
        tables.problem
    from tables
    inner join newest using (extraction_id)
    where tables.state = 'stopped'
)

select * from final
