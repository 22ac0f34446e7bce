with churn_risks as (
    select * from {{ published("fact_customer_churn_risk") }} as facts
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

reasons as (
    select
        churn_risks.as_of_date,
        churn_risks.customer_sk,
        churn_risks.churn_risk_category,
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

final as (
    select
        reasons.as_of_date,
        reasons.factor_code as factor_name,
        reasons.churn_risk_category,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        count(*) as customer_count,
        count(*) filter (where reasons.factor_rank = 1) as first_factor_count,
        sum(reasons.churn_risk_score) as churn_risk_score_sum,
        sum(reasons.value_at_risk) as value_at_risk,
        warehouse.reporting_currency
    from reasons
    inner join groups_of_customers
        on
            reasons.as_of_date = groups_of_customers.as_of_date
            and reasons.customer_sk = groups_of_customers.customer_sk
    cross join warehouse
    group by
        reasons.as_of_date,
        reasons.factor_code,
        reasons.churn_risk_category,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        warehouse.reporting_currency
)

select * from final
