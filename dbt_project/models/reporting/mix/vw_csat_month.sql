with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

responses as (
    select * from {{ published("fact_csat") }} as facts
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

final as (
    select
        days.as_of_date,
        date_trunc('month', responses.answer_date)::date as month_start_date,
        coalesce(groups_of_customers.rfm_segment, 'No order yet') as rfm_segment,
        coalesce(groups_of_customers.tier_name, 'No tier') as tier_name,
        coalesce(groups_of_customers.country, 'Unknown') as country,
        coalesce(groups_of_customers.acquisition_channel, 'Unknown') as acquisition_channel,
        responses.context_type,
        count(*) as responses,
        count(*) filter (where responses.csat_score >= 4) as satisfied,
        count(*) filter (where responses.csat_score < 3) as dissatisfied,
        sum(responses.csat_score) as stars
    from days
    inner join responses on days.as_of_date >= responses.answer_date
    left join groups_of_customers
        on
            days.as_of_date = groups_of_customers.as_of_date
            and responses.customer_sk = groups_of_customers.customer_sk
    group by
        days.as_of_date,
        date_trunc('month', responses.answer_date)::date,
        coalesce(groups_of_customers.rfm_segment, 'No order yet'),
        coalesce(groups_of_customers.tier_name, 'No tier'),
        coalesce(groups_of_customers.country, 'Unknown'),
        coalesce(groups_of_customers.acquisition_channel, 'Unknown'),
        responses.context_type
)

select * from final
