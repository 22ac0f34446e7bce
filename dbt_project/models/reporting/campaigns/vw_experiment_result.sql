with results as (
    select * from {{ ref("stg_ops__experiment_result") }}
),

experiments as (
    select
        results.*,
        split_part(results.experiment_name, '.', 1) as campaign_name
    from results
),

campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
),

final as (
    select
        experiments.as_of_date,
        experiments.campaign_name as campaign_code,
        campaigns.campaign_title,
        split_part(experiments.experiment_name, '.', 2) as experiment_name,
        experiments.metric,
        experiments.variant,
        experiments.is_primary,
        experiments.is_control,
        experiments.planned_size,
        experiments.drawn_count,
        experiments.measured_count,
        experiments.metric_value::numeric(16, 4) as metric_value,
        experiments.difference::numeric(16, 4) as difference,
        experiments.difference_low::numeric(16, 4) as difference_low,
        experiments.difference_high::numeric(16, 4) as difference_high,
        experiments.adjusted_p::numeric(9, 6) as adjusted_p,
        experiments.sample_ratio_p::numeric(9, 6) as sample_ratio_p,
        experiments.outcome,
        experiments.winner,
        experiments.why,
        experiments.decided_date
    from experiments
    inner join campaigns on experiments.campaign_name = campaigns.campaign_name
)

select * from final
