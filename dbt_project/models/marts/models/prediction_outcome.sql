{#- Windows that closed on these days, or within a week before: a night that was left out is made up for by the next day
   that was built, and by no later one, so that it does not matter which was written last. -#}
{%- set closed_days -%}
    select distinct closed.as_of_date - 90
    from unnest(array[{{ as_of_dates() }}]) as built (as_of_date)
    cross join lateral (
        select built.as_of_date - late.days as as_of_date from generate_series(0, 6) as late (days)
    ) as closed
    where not exists (
        select from built_days
        where built_days.as_of_date >= closed.as_of_date and built_days.as_of_date < built.as_of_date
    )
{%- endset -%}
{#- What was written stays when its predictions are gone. These are named plainly, for `ref` gives no name while dbt
   parses; that they come first it knows from what follows. -#}
{%- set is_closed -%}
    prediction_date in (
        with built_days as (
            select facts.as_of_date from marts.model_champion as facts where facts.generation_to is null
        )

        {{ closed_days }}
    )
{%- endset -%}
{%- set has_predictions -%}
    case task
        when 'churn' then exists (
            select from marts.fact_customer_churn_risk as facts
            where facts.as_of_date = prediction_date and facts.generation_to is null
        )
        else exists (
            select from marts.fact_customer_ltv as facts
            where facts.as_of_date = prediction_date and facts.generation_to is null
        )
    end
{%- endset -%}
{{ config(key=["outcome_sk"], scope=is_closed ~ " and " ~ has_predictions) }}

-- Every built day has its champions.
with built_days as (
    select facts.as_of_date from {{ latest("model_champion") }} as facts
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ closed_days }}) and facts.expected_purchases_90 is not null
),

churn_risks as (
    select * from {{ latest("fact_customer_churn_risk") }} as facts
    where facts.as_of_date in ({{ closed_days }}) and facts.churn_method not in ('subscription', 'subscription_ended')
),

-- Models foretell what is bought besides subscriptions.
orders as (
    select * from {{ latest("fact_order") }} as facts
    where
        facts.customer_sk is not null
        and facts.order_date <= {{ last_as_of_date() }}
        and facts.order_sk not in (
            select subscriptions.order_sk from {{ latest("fact_subscription") }} as subscriptions
            where subscriptions.order_sk is not null
        )
),

predictions as (
    select
        'lifetime_value' as task,
        values_of_customers.as_of_date,
        values_of_customers.customer_sk,
        values_of_customers.model_version,
        90 as horizon_days,
        values_of_customers.expected_purchases_90 as predicted
    from values_of_customers
    union all
    select
        'churn' as task,
        churn_risks.as_of_date,
        churn_risks.customer_sk,
        churn_risks.model_version,
        churn_risks.horizon_days,
        churn_risks.churn_probability as predicted
    from churn_risks
),

-- As they counted when the window closed, whichever day is built.
later_days as (
    select
        predictions.task,
        predictions.as_of_date,
        predictions.customer_sk,
        count(distinct orders.order_date) as order_days
    from predictions
    inner join orders
        on
            predictions.customer_sk = orders.customer_sk
            and predictions.as_of_date < orders.order_date
            and predictions.as_of_date + predictions.horizon_days >= orders.order_date
            and orders.counted_days @> predictions.as_of_date + 90
    group by predictions.task, predictions.as_of_date, predictions.customer_sk
),

outcomes as (
    select
        predictions.*,
        case
            when predictions.task = 'churn' then (later_days.order_days is null)::integer
            else coalesce(later_days.order_days, 0)
        end as realised,
        ntile(10) over (
            partition by predictions.task, predictions.as_of_date
            order by predictions.predicted desc, predictions.customer_sk asc
        ) as decile
    from predictions
    left join later_days
        on
            predictions.task = later_days.task
            and predictions.as_of_date = later_days.as_of_date
            and predictions.customer_sk = later_days.customer_sk
),

final as (
    select
        {{ surrogate_key(["'outcome'", "outcomes.task", "outcomes.as_of_date", "outcomes.decile"]) }} as outcome_sk,
        outcomes.task,
        outcomes.as_of_date as prediction_date,
        outcomes.decile,
        min(outcomes.model_version) as model_version,
        max(outcomes.horizon_days) as horizon_days,
        count(*)::integer as customer_count,
        round(avg(outcomes.predicted), 4) as predicted_mean,
        round(avg(outcomes.realised), 4) as realised_mean
    from outcomes
    group by outcomes.task, outcomes.as_of_date, outcomes.decile
)

select * from final
