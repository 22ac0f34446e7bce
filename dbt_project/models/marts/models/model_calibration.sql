{{ config(key=["calibration_sk"]) }}

with bins as (
    select * from {{ ref("stg_ml__calibration") }}
),

final as (
    select
        {{ surrogate_key([
            "'calibration'", "bins.task", "bins.as_of_date", "bins.cutoff_date", "bins.horizon_days",
            "bins.model_name", "bins.bin",
        ]) }} as calibration_sk,
        bins.task,
        bins.as_of_date as trained_date,
        bins.cutoff_date,
        bins.horizon_days,
        bins.model_name,
        bins.bin,
        bins.row_count,
        bins.predicted,
        bins.realised,
        bins.coverage
    from bins
)

select * from final
