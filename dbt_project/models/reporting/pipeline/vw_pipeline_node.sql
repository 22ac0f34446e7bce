{# Thirty attempts show a trend; every one ever would be some hundred rows a night. #}
with nodes as (
    select * from {{ ref("stg_ops__dbt_result") }}
),

generations as (
    select * from {{ ref("stg_ops__generation") }}
),

shown as (
    select
        generations.generation,
        generations.started_at,
        generations.generation = max(generations.generation) over () as is_newest
    from generations
    where generations.state = 'published'
    order by generations.generation desc
    limit 30
),

final as (
    select
        shown.generation,
        shown.started_at,
        shown.is_newest,
        nodes.layer,
        nodes.node_type,
        nodes.node_name,
        count(*) as executions,
        count(*) filter (where nodes.status in ('error', 'fail', 'runtime error')) as failures,
        sum(nodes.seconds) as seconds,
        max(nodes.rows_affected) filter (where nodes.rows_affected > 0) as rows_affected
    from shown
    inner join nodes on shown.generation = nodes.generation
    group by
        shown.generation,
        shown.started_at,
        shown.is_newest,
        nodes.layer,
        nodes.node_type,
        nodes.node_name
)

select * from final
