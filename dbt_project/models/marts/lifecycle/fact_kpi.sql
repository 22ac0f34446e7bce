{{ config(key=["as_of_date", "kpi_code"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with lifecycle as (
    select * from {{ latest("customer_lifecycle") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

arrivals as (
    select * from {{ latest("customer_arrival") }} as facts
),

accounts as (
    select * from {{ latest("fact_loyalty_account") }} as facts
),

onboardings as (
    select * from {{ latest("fact_customer_onboarding") }} as facts
),

nps_answers as (
    select * from {{ latest("fact_nps") }} as facts
),

kpis as (
    select * from {{ ref("kpi") }}
),

days as (
    {{ compared_days([0]) }}
),

first_joins as (
    select
        accounts.customer_sk,
        min(accounts.join_date) as join_date
    from accounts
    group by accounts.customer_sk
),

customers as (
    select
        lifecycle.*,
        lifecycle.stage_30_days_ago not in ('acquired', 'churned') as was_kept,
        lifecycle.stage_30_days_ago in ('dormant', 'churned') as was_lost,
        lifecycle.total_orders > 0 as is_buyer,
        coalesce(least(arrivals.first_card_date, first_joins.join_date) <= lifecycle.as_of_date, false) as is_enrolled
    from lifecycle
    inner join arrivals on lifecycle.customer_sk = arrivals.customer_sk
    left join first_joins on lifecycle.customer_sk = first_joins.customer_sk
),

counts as (
    select
        customers.as_of_date,
        count(*) filter (where customers.was_kept) as kept_customers,
        count(*) filter (
            where customers.was_kept and customers.current_stage not in ('acquired', 'churned')
        ) as still_kept_customers,
        count(*) filter (where customers.was_lost) as lost_customers,
        count(*) filter (
            where customers.was_lost and customers.last_order_date > customers.as_of_date - 30
        ) as returned_customers,
        count(*) filter (where customers.is_buyer) as buyers,
        count(*) filter (where customers.is_buyer and customers.is_enrolled) as enrolled_buyers,
        count(*) filter (where customers.total_orders >= 2) as repeat_buyers,
        count(*) filter (
            where customers.current_stage in ('onboarding', 'active', 'engaged', 'won_back')
        ) as active_buyers
    from customers
    group by customers.as_of_date
),

journeys as (
    select
        days.as_of_date,
        count(onboardings.onboarding_sk) as begun_journeys,
        count(*) filter (
            where onboardings.onboarding_status = 'completed' and onboardings.end_date <= days.as_of_date
        ) as completed_journeys
    from days
    left join onboardings on days.as_of_date >= onboardings.start_date
    group by days.as_of_date
),

last_answers as (
    select distinct on (days.as_of_date, nps_answers.customer_sk)
        days.as_of_date,
        nps_answers.nps_category
    from days
    inner join nps_answers
        on days.as_of_date >= nps_answers.answer_date and days.as_of_date - 365 < nps_answers.answer_date
    where nps_answers.customer_sk is not null
    order by days.as_of_date asc, nps_answers.customer_sk asc, nps_answers.answered_at desc, nps_answers.nps_sk asc
),

opinions as (
    select
        last_answers.as_of_date,
        count(*) as answering_customers,
        count(*) filter (where last_answers.nps_category = 'promoter')
        - count(*) filter (where last_answers.nps_category = 'detractor') as promoters_less_detractors
    from last_answers
    group by last_answers.as_of_date
),

counted as (
    select
        counts.as_of_date,
        rates.*
    from counts
    inner join journeys on counts.as_of_date = journeys.as_of_date
    left join opinions on counts.as_of_date = opinions.as_of_date
    cross join lateral (
        values
        ('retention_rate', counts.still_kept_customers, counts.kept_customers),
        ('win_back_rate', counts.returned_customers, counts.lost_customers),
        ('onboarding_completion_rate', journeys.completed_journeys, journeys.begun_journeys),
        ('nps', coalesce(opinions.promoters_less_detractors, 0), coalesce(opinions.answering_customers, 0)),
        ('loyalty_enrollment_rate', counts.enrolled_buyers, counts.buyers),
        ('repeat_rate', counts.repeat_buyers, counts.buyers),
        ('active_customer_rate', counts.active_buyers, counts.buyers)
    ) as rates (kpi_code, numerator, denominator)
),

final as (
    select
        {{ surrogate_key(["'kpi'", "counted.as_of_date", "counted.kpi_code"]) }} as kpi_sk,
        {{ date_key("counted.as_of_date") }} as date_sk,
        counted.as_of_date,
        kpis.kpi_code,
        kpis.kpi_name,
        kpis.unit,
        counted.numerator,
        counted.denominator,
        round(100.0 * counted.numerator / nullif(counted.denominator, 0), 2) as kpi_value,
        kpis.target_value,
        kpis.kpi_definition,
        counted.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from counted
    inner join kpis on counted.kpi_code = kpis.kpi_code
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
