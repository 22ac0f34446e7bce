{{ config(key=["backtest_sk"]) }}

with backtests as (
    select * from {{ ref("stg_ml__backtest") }}
),

models as (
    select * from {{ ref("stg_ml__model") }}
),

final as (
    select
        {{ surrogate_key([
            "'backtest'", "backtests.task", "backtests.as_of_date", "backtests.cutoff_date",
            "backtests.horizon_days", "backtests.population", "backtests.metric", "backtests.model_name",
        ]) }} as backtest_sk,
        backtests.task,
        backtests.as_of_date as trained_date,
        backtests.cutoff_date,
        backtests.horizon_days,
        backtests.population,
        backtests.metric,
        backtests.model_name,
        models.description as model_description,
        models.is_baseline,
        backtests.metric_value,
        backtests.row_count
    from backtests
    inner join models on backtests.task = models.task and backtests.model_name = models.model_name
)

select * from final
