{{ config(key=["drift_sk"]) }}

with drifts as (
    select * from {{ ref("stg_ml__drift") }}
),

final as (
    select
        {{ surrogate_key(["'drift'", "drifts.task", "drifts.as_of_date", "drifts.feature"]) }} as drift_sk,
        drifts.task,
        drifts.as_of_date as trained_date,
        drifts.feature,
        drifts.stability_index,
        case
            when drifts.stability_index > 0.25 then 'shifted'
            when drifts.stability_index > 0.1 then 'moving'
            else 'stable'
        end as verdict
    from drifts
)

select * from final
