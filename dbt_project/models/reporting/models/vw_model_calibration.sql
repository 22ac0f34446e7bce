with bins as (
    select * from {{ published("model_calibration") }} as facts
),

champions as (
    select * from {{ published("model_champion") }} as facts
),

trainings as (
    select
        bins.task,
        max(bins.trained_date) as trained_date
    from bins
    group by bins.task
),

serving as (
    select distinct on (champions.task)
        champions.task,
        champions.model_name
    from champions
    order by champions.task asc, champions.as_of_date desc
),

final as (
    select
        bins.task,
        bins.trained_date,
        bins.trained_date = trainings.trained_date as is_newest_training,
        bins.trained_date = trainings.trained_date and serving.model_name is not null as is_serving,
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
    left join serving on bins.task = serving.task and bins.model_name = serving.model_name
)

select * from final
