with churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

factors as (
    select
        churn_risks.as_of_date,
        churn_risks.churn_risk_score,
        churn_risks.value_at_risk,
        named.factor_rank,
        named.factor_code
    from churn_risks
    cross join
        lateral (
            values
            (1, churn_risks.top_churn_factor_code_1),
            (2, churn_risks.top_churn_factor_code_2),
            (3, churn_risks.top_churn_factor_code_3)
        ) as named (factor_rank, factor_code)
    where named.factor_code is not null
),

summed as (
    select
        factors.as_of_date,
        factors.factor_code as factor_name,
        count(*) as occurrence_count,
        count(*) filter (where factors.factor_rank = 1) as first_factor_count,
        round(avg(factors.churn_risk_score), 1) as avg_risk_score_when_present,
        sum(factors.value_at_risk) as total_value_at_risk
    from factors
    group by factors.as_of_date, factors.factor_code
),

final as (
    select
        summed.as_of_date,
        summed.factor_name,
        summed.occurrence_count,
        round(
            100.0 * summed.occurrence_count / sum(summed.occurrence_count) over (partition by summed.as_of_date), 1
        ) as pct_of_total,
        summed.first_factor_count,
        summed.avg_risk_score_when_present,
        summed.total_value_at_risk,
        warehouse.reporting_currency
    from summed
    cross join warehouse
)

select * from final
