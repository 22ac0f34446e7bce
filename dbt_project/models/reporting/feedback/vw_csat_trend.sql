with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

responses as (
    select * from {{ published("fact_csat") }} as facts
),

final as (
    select
        days.as_of_date,
        date_trunc('month', responses.answer_date)::date as month_start_date,
        responses.context_type,
        count(*) as responses,
        count(*) filter (where responses.csat_score >= 4) as satisfied,
        count(*) filter (where responses.csat_score < 3) as dissatisfied,
        sum(responses.csat_score) as stars
    from days
    inner join responses on days.as_of_date >= responses.answer_date
    group by days.as_of_date, date_trunc('month', responses.answer_date)::date, responses.context_type
)

select * from final
