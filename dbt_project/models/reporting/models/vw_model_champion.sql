with champions as (
    select * from {{ published("model_champion") }} as facts
),

final as (
    select
        champions.as_of_date,
        champions.task,
        champions.model_name,
        champions.model_description,
        champions.is_baseline,
        champions.model_version,
        champions.trained_date,
        champions.age_days,
        champions.is_stale,
        champions.window_start_date,
        champions.customer_count,
        champions.row_count,
        champions.data_fingerprint,
        champions.code_version,
        champions.decided_date,
        champions.decision,
        champions.reason
    from champions
)

select * from final
