with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

stages as (
    select * from {{ published("dim_lifecycle_stage") }} as dimension
),

compared as (
    select
        lifecycle.as_of_date,
        vocabularies.*
    from lifecycle
    cross join lateral (
        values
        ('stage', lifecycle.stage_30_days_ago, lifecycle.current_stage),
        ('retention_state', lifecycle.retention_state_30_days_ago, lifecycle.retention_state),
        ('clm_stage', lifecycle.clm_stage_30_days_ago, lifecycle.clm_stage)
    ) as vocabularies (vocabulary, from_stage, to_stage)
),

summed as (
    select
        compared.as_of_date,
        compared.vocabulary,
        coalesce(compared.from_stage, 'new') as from_stage,
        compared.to_stage,
        count(*) as customer_count
    from compared
    group by compared.as_of_date, compared.vocabulary, compared.from_stage, compared.to_stage
),

final as (
    select
        summed.as_of_date,
        summed.vocabulary,
        summed.from_stage,
        summed.to_stage,
        summed.customer_count,
        round(
            100.0 * summed.customer_count
            / sum(summed.customer_count) over (
                partition by summed.as_of_date, summed.vocabulary, summed.from_stage
            ), 1
        ) as pct_of_from_stage,
        -- For a matrix in the order of the journey: who was no customer first.
        coalesce(before.stage_position, 0) as from_position,
        after.stage_position as to_position
    from summed
    left join stages as before on summed.vocabulary = before.vocabulary and summed.from_stage = before.stage
    left join stages as after on summed.vocabulary = after.vocabulary and summed.to_stage = after.stage
)

select * from final
