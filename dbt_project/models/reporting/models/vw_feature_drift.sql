with drifts as (
    select * from {{ published("feature_drift") }} as facts
),

final as (
    select
        drifts.task,
        drifts.trained_date,
        drifts.trained_date = max(drifts.trained_date) over (partition by drifts.task) as is_newest_training,
        drifts.feature,
        drifts.stability_index,
        drifts.verdict
    from drifts
)

select * from final
