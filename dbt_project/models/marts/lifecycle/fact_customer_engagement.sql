{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with states as (
    select * from {{ ref("customer_states") }}
    where as_of_date in ({{ as_of_dates() }})
),

scores as (
    select * from {{ ref("customer_engagement_scores") }}
),

nps_answers as (
    select * from {{ latest("fact_nps") }} as facts
),

csat_answers as (
    select * from {{ latest("fact_csat") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

last_nps as (
    select distinct on (states.as_of_date, states.customer_sk)
        states.as_of_date,
        states.customer_sk,
        nps_answers.nps_score,
        nps_answers.nps_category,
        nps_answers.answered_at
    from states
    inner join nps_answers
        on states.customer_sk = nps_answers.customer_sk and states.as_of_date >= nps_answers.answer_date
    order by states.as_of_date asc, states.customer_sk asc, nps_answers.answered_at desc, nps_answers.nps_sk asc
),

mean_csat as (
    select
        states.as_of_date,
        states.customer_sk,
        round(avg(csat_answers.csat_score), 2) as csat_score
    from states
    inner join csat_answers
        on
            states.customer_sk = csat_answers.customer_sk
            and states.as_of_date >= csat_answers.answer_date
            and states.as_of_date - 365 < csat_answers.answer_date
    group by states.as_of_date, states.customer_sk
),

-- Who never ordered has no health. Satisfaction is the mean of the two scales that there are.
parts as (
    select
        states.*,
        last_nps.nps_score,
        last_nps.nps_category,
        last_nps.answered_at as nps_collected_at,
        mean_csat.csat_score,
        case when states.order_count > 0 then states.engagement_score end as engagement_part,
        100 - states.rule_churn_score as churn_part,
        case
            when states.order_count > 0
                then round((
                    coalesce(last_nps.nps_score * 10, 25 * (mean_csat.csat_score - 1))
                    + coalesce(25 * (mean_csat.csat_score - 1), last_nps.nps_score * 10)
                ) / 2.0)::integer
        end as satisfaction_part
    from states
    left join last_nps on states.as_of_date = last_nps.as_of_date and states.customer_sk = last_nps.customer_sk
    left join mean_csat on states.as_of_date = mean_csat.as_of_date and states.customer_sk = mean_csat.customer_sk
),

final as (
    select
        {{ surrogate_key(["'engagement'", "parts.as_of_date", "parts.customer_sk"]) }} as engagement_sk,
        {{ date_key("parts.as_of_date") }} as date_sk,
        parts.as_of_date,
        parts.customer_sk,
        parts.order_recency_points,
        parts.order_count_points,
        parts.subscription_points,
        parts.loyalty_tier_points,
        parts.nps_points,
        parts.attainable_points,
        parts.engagement_score,
        {{ score_level("parts.engagement_score", "engagement") }} as engagement_level,
        earlier.engagement_score as engagement_score_30_days_ago,
        parts.engagement_trend,
        parts.nps_score,
        parts.nps_category,
        parts.nps_collected_at,
        parts.csat_score,
        parts.engagement_part,
        parts.churn_part,
        parts.satisfaction_part,
        round({{ weighted_score("health", ["engagement", "churn", "satisfaction"]) }})::integer as health_score,
        parts.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from parts
    left join scores as earlier
        on parts.as_of_date - 30 = earlier.as_of_date and parts.customer_sk = earlier.customer_sk
    cross join warehouse
)

select * from final
