with outcomes as (
    select * from {{ published("prediction_outcome") }} as facts
),

final as (
    select
        outcomes.task,
        outcomes.prediction_date,
        outcomes.decile,
        outcomes.model_version,
        outcomes.horizon_days,
        outcomes.customer_count,
        outcomes.predicted_mean,
        outcomes.realised_mean,
        outcomes.predicted_mean * outcomes.customer_count as predicted_total,
        outcomes.realised_mean * outcomes.customer_count as realised_total
    from outcomes
)

select * from final
