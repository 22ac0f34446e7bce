with bins as (
    select * from {{ published("model_calibration") }} as facts
),

trainings as (
    select
        bins.task,
        max(bins.trained_date) as trained_date
    from bins
    group by bins.task
),

final as (
    select
        bins.task,
        bins.trained_date,
        bins.trained_date = trainings.trained_date as is_newest_training,
        bins.cutoff_date,
        bins.horizon_days,
        bins.model_name,
        bins.bin,
        bins.row_count,
        bins.predicted,
        bins.realised,
        bins.coverage
    from bins
    inner join trainings on bins.task = trainings.task
)

select * from final
