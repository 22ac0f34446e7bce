{#
No code, no day, no record. Where a customer lives is what others know too: with fewer customers than these in a country,
it is not named.
#}
{% set least_customers = 10 %}
with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

comments as (
    select * from {{ published("fact_feedback_comment") }} as facts
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

mix as (
    select * from {{ published("customer_mix") }} as facts
),

countries as (
    select
        mix.as_of_date,
        mix.country
    from mix
    group by mix.as_of_date, mix.country
    having sum(mix.customer_count) >= {{ least_customers }}
),

final as (
    select
        days.as_of_date,
        date_trunc('month', comments.answer_date)::date as month_start_date,
        coalesce(groups_of_customers.rfm_segment, 'No order yet') as rfm_segment,
        coalesce(groups_of_customers.tier_name, 'No tier') as tier_name,
        coalesce(countries.country, 'Not named') as country,
        coalesce(groups_of_customers.acquisition_channel, 'Unknown') as acquisition_channel,
        comments.feedback_type,
        comments.context_type,
        comments.given_score,
        comments.scale_max,
        comments.sentiment_group,
        comments.comment_text
    from days
    inner join comments on days.as_of_date >= comments.answer_date
    left join groups_of_customers
        on
            days.as_of_date = groups_of_customers.as_of_date
            and comments.customer_sk = groups_of_customers.customer_sk
    left join countries
        on days.as_of_date = countries.as_of_date and groups_of_customers.country = countries.country
)

select * from final
