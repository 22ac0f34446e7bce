{{ config(key=["as_of_date", "task"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with days as (
    {{ compared_days([0]) }}
),

tasks as (
    select tasks.task
    from (values ('lifetime_value'), ('churn'), ('propensity'), ('clusters')) as tasks (task)
),

-- A decision serves after its day; the first of a task, which nobody served before, on that day too.
promotions as (
    select
        decisions.*,
        decisions.as_of_date
        + (decisions.as_of_date > min(decisions.as_of_date) over (partition by decisions.task))::integer
            as serves_from_date
    from {{ ref("stg_ml__promotion") }} as decisions
),

fits as (
    select * from {{ ref("stg_ml__fit") }}
),

models as (
    select * from {{ ref("stg_ml__model") }}
),

serving as (
    select distinct on (days.as_of_date, tasks.task)
        days.as_of_date,
        tasks.task,
        promotions.model_name,
        promotions.fit_id,
        promotions.kind,
        promotions.reason,
        promotions.as_of_date as decided_date
    from days
    cross join tasks
    left join promotions on tasks.task = promotions.task and days.as_of_date >= promotions.serves_from_date
    order by
        days.as_of_date asc,
        tasks.task asc,
        promotions.as_of_date desc nulls last,
        promotions.promotion_id desc
),

final as (
    select
        {{ surrogate_key(["'champion'", "serving.as_of_date", "serving.task"]) }} as champion_sk,
        {{ date_key("serving.as_of_date") }} as date_sk,
        serving.as_of_date,
        serving.task,
        coalesce(serving.model_name, 'untrained') as model_name,
        models.description as model_description,
        coalesce(models.is_baseline, true) as is_baseline,
        fits.model_version,
        fits.as_of_date as trained_date,
        serving.as_of_date - fits.as_of_date as age_days,
        coalesce(serving.as_of_date - fits.as_of_date > {{ var("stale_model_days") }}, true) as is_stale,
        fits.window_start_date,
        fits.customer_count,
        fits.row_count,
        fits.data_fingerprint,
        fits.code_version,
        serving.decided_date,
        serving.kind as decision,
        serving.reason
    from serving
    left join fits on serving.fit_id = fits.fit_id
    left join models on serving.task = models.task and serving.model_name = models.model_name
)

select * from final
