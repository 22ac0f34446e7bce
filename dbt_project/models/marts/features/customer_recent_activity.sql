{{ config(materialized="table", schema="intermediate", contract={"enforced": false}) }}

with days as (
    {{ scored_days() }}
),

activities as (
    select * from {{ latest("fact_customer_activity") }} as facts
    where facts.activity_date <= {{ last_as_of_date() }}
),

final as (
    select
        days.as_of_date,
        activities.customer_sk,
        days.as_of_date - max(activities.activity_date) as days_since_last_activity,
        count(*) filter (
            where activities.activity_subtype = 'open' and days.as_of_date - activities.activity_date < 90
        ) as mail_opens_90,
        count(*) filter (
            where activities.activity_subtype = 'click' and days.as_of_date - activities.activity_date < 90
        ) as mail_clicks_90,
        count(*) filter (
            where
            (activities.activity_subtype = 'complaint' or activities.sentiment_score < 0)
            and days.as_of_date - activities.activity_date < 90
        ) as complaint_count_90,
        count(*) filter (
            where activities.activity_type = 'cart' and days.as_of_date - activities.activity_date < 30
        ) as cart_count_30,
        (
            array_agg(activities.nps_score order by activities.activity_at desc, activities.activity_sk asc)
            filter (where activities.nps_score is not null)
        )[1] as nps_score
    from days
    inner join activities
        on days.as_of_date >= activities.activity_date and days.as_of_date - 365 < activities.activity_date
    group by days.as_of_date, activities.customer_sk
)

select * from final
