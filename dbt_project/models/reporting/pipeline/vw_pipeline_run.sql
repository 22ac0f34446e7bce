with extractions as (
    select * from {{ ref("stg_ops__extraction_attempt") }}
),

tables as (
    select * from {{ ref("stg_ops__extracted_table") }}
),

generations as (
    select * from {{ ref("stg_ops__generation") }}
),

nodes as (
    select * from {{ ref("stg_ops__dbt_result") }}
),

days as (
    select
        generations.generation,
        min(dates.as_of_date) as first_date,
        max(dates.as_of_date) as last_date
    from generations
    cross join unnest(generations.as_of_dates) as dates (as_of_date)
    group by generations.generation
),

loads as (
    select
        tables.extraction_id,
        count(*) as steps,
        count(*) filter (where tables.state = 'stopped') as failed_steps,
        sum(tables.seconds) as step_seconds,
        sum(tables.source_rows) as source_rows,
        sum(tables.changed_rows + tables.deleted_rows) as changed_rows,
        sum(tables.quarantined_rows) as quarantined_rows
    from tables
    group by tables.extraction_id
),

builds as (
    select
        nodes.generation,
        count(*) as steps,
        count(*) filter (where nodes.status in ('error', 'fail', 'runtime error')) as failed_steps,
        sum(nodes.seconds) as step_seconds,
        sum(nodes.rows_affected) filter (where nodes.rows_affected > 0) as changed_rows
    from nodes
    group by nodes.generation
),

runs as (
    select
        'extraction' as kind,
        extractions.extraction_id as run_number,
        extractions.as_of_date as first_date,
        extractions.as_of_date as last_date,
        extractions.state,
        extractions.started_at,
        extractions.finished_at,
        loads.steps,
        loads.failed_steps,
        loads.step_seconds,
        loads.source_rows,
        loads.changed_rows,
        loads.quarantined_rows
    from extractions
    left join loads on extractions.extraction_id = loads.extraction_id
    union all
    select
        'build' as kind,
        generations.generation as run_number,
        days.first_date,
        days.last_date,
        generations.state,
        generations.started_at,
        generations.finished_at,
        builds.steps,
        builds.failed_steps,
        builds.step_seconds,
        null as source_rows,
        builds.changed_rows,
        null as quarantined_rows
    from generations
    inner join days on generations.generation = days.generation
    left join builds on generations.generation = builds.generation
),

final as (
    select
        runs.kind,
        runs.run_number,
        runs.first_date,
        runs.last_date,
        runs.state,
        runs.state in ('complete', 'published') as is_good,
        runs.started_at,
        runs.finished_at,
        round(extract(epoch from runs.finished_at - runs.started_at) / 60, 2) as minutes,
        coalesce(runs.steps, 0) as steps,
        coalesce(runs.failed_steps, 0) as failed_steps,
        runs.step_seconds,
        runs.source_rows,
        runs.changed_rows,
        runs.quarantined_rows,
        runs.run_number = max(runs.run_number) over (partition by runs.kind) as is_newest
    from runs
)

select * from final
