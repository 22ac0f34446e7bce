with backtests as (
    select * from {{ published("model_backtest") }} as facts
),

trainings as (
    select
        backtests.task,
        max(backtests.trained_date) as trained_date
    from backtests
    group by backtests.task
),

final as (
    select
        backtests.task,
        backtests.trained_date,
        backtests.trained_date = trainings.trained_date as is_newest_training,
        backtests.cutoff_date,
        backtests.horizon_days,
        backtests.population,
        backtests.metric,
        backtests.model_name,
        backtests.model_description,
        backtests.is_baseline,
        backtests.metric_value,
        backtests.row_count
    from backtests
    inner join trainings on backtests.task = trainings.task
)

select * from final
