with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

stages as (
    select * from {{ published("dim_lifecycle_stage") }} as dimension
    where dimension.vocabulary = 'retention_state'
),

dwelling as (
    select
        lifecycle.as_of_date,
        lifecycle.retention_state,
        lifecycle.as_of_date - lifecycle.retention_state_since_date as days_in_state
    from lifecycle
),

final as (
    select
        dwelling.as_of_date,
        dwelling.retention_state,
        stages.stage_position,
        count(*) as customer_count,
        round(avg(dwelling.days_in_state), 1) as mean_days_in_state,
        round(
            (percentile_cont(0.5) within group (order by dwelling.days_in_state))::numeric, 1
        ) as median_days_in_state,
        max(dwelling.days_in_state) as longest_days_in_state
    from dwelling
    inner join stages on dwelling.retention_state = stages.stage
    group by dwelling.as_of_date, dwelling.retention_state, stages.stage_position
)

select * from final
