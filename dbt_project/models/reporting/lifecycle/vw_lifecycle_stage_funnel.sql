with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

stages as (
    select * from {{ published("dim_lifecycle_stage") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

placed as (
    select
        lifecycle.as_of_date,
        lifecycle.total_revenue,
        vocabularies.*
    from lifecycle
    cross join lateral (
        values
        ('stage', lifecycle.current_stage),
        ('retention_state', lifecycle.retention_state),
        ('clm_stage', lifecycle.clm_stage)
    ) as vocabularies (vocabulary, stage)
),

summed as (
    select
        placed.as_of_date,
        placed.vocabulary,
        placed.stage,
        count(*) as customer_count,
        sum(placed.total_revenue) as total_revenue
    from placed
    group by placed.as_of_date, placed.vocabulary, placed.stage
),

days as (
    select distinct summed.as_of_date from summed
),

final as (
    select
        days.as_of_date,
        stages.vocabulary,
        stages.stage,
        stages.stage_name,
        stages.stage_position,
        coalesce(summed.customer_count, 0) as customer_count,
        round(
            100.0 * coalesce(summed.customer_count, 0)
            / sum(summed.customer_count) over (partition by days.as_of_date, stages.vocabulary), 1
        ) as pct_of_customers,
        coalesce(summed.total_revenue, 0) as total_revenue,
        warehouse.reporting_currency
    from days
    cross join stages
    cross join warehouse
    left join summed
        on
            days.as_of_date = summed.as_of_date
            and stages.vocabulary = summed.vocabulary
            and stages.stage = summed.stage
)

select * from final
