{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, tags=["training"]) }}

with subscriptions as (
    select
        facts.ended_date,
        least(facts.ended_date, {{ last_as_of_date() }}) - facts.started_date as age_days
    from {{ latest("fact_subscription") }} as facts
    where facts.started_date <= {{ last_as_of_date() }} and facts.subscription_state <> 'draft'
),

final as (
    select
        {{ last_as_of_date() }} as as_of_date,
        floor(subscriptions.age_days / 30.436875)::integer as age_months,
        coalesce(subscriptions.ended_date <= {{ last_as_of_date() }}, false) as has_ended,
        count(*) as subscription_count
    from subscriptions
    group by 1, 2, 3
)

select * from final
