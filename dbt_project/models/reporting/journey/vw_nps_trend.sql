with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

responses as (
    select * from {{ published("fact_nps") }} as facts
),

known as (
    select
        days.as_of_date,
        date_trunc('month', responses.answer_date)::date as month_start_date,
        count(*) as responses,
        count(*) filter (where responses.nps_category = 'promoter') as promoters,
        count(*) filter (where responses.nps_category = 'passive') as passives,
        count(*) filter (where responses.nps_category = 'detractor') as detractors
    from days
    inner join responses on days.as_of_date >= responses.answer_date
    group by days.as_of_date, date_trunc('month', responses.answer_date)::date
),

first_months as (
    select
        known.as_of_date,
        min(known.month_start_date) as month_start_date
    from known
    group by known.as_of_date
),

-- From the first response to the day's own month; months without a response as well.
months as (
    select
        first_months.as_of_date,
        month_starts.month_start::date as month_start_date
    from first_months
    cross join lateral generate_series(
        first_months.month_start_date::timestamp, first_months.as_of_date::timestamp, interval '1 month'
    ) as month_starts (month_start)
),

counted as (
    select
        months.as_of_date,
        months.month_start_date,
        coalesce(known.responses, 0) as responses,
        coalesce(known.promoters, 0) as promoters,
        coalesce(known.passives, 0) as passives,
        coalesce(known.detractors, 0) as detractors,
        (known.promoters - known.detractors)::numeric / known.responses as score,
        (known.promoters + known.detractors)::numeric / known.responses as share_with_opinion
    from months
    left join known
        on months.as_of_date = known.as_of_date and months.month_start_date = known.month_start_date
),

-- Promoters less detractors of a multinomial sample. Where all answers are alike the sample says nothing about its
-- spread: no interval.
measured as (
    select
        counted.*,
        1.959964 * nullif(
            sqrt((counted.share_with_opinion - counted.score * counted.score) / counted.responses), 0
        ) as half_width
    from counted
),

final as (
    select
        measured.as_of_date,
        measured.month_start_date,
        measured.responses,
        measured.promoters,
        measured.passives,
        measured.detractors,
        round(100 * measured.score, 1) as nps,
        case
            when measured.half_width is not null
                then round(100 * greatest(-1, measured.score - measured.half_width), 1)
        end as nps_low,
        case
            when measured.half_width is not null
                then round(100 * least(1, measured.score + measured.half_width), 1)
        end as nps_high,
        (measured.month_start_date + interval '1 month - 1 day')::date <= measured.as_of_date as is_complete_month
    from measured
)

select * from final
