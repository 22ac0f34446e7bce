{{
    config(
        key=["as_of_date", "week_start_date", "channel_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

journeys as (
    select * from {{ ref("acquisition_journeys") }}
),

leads as (
    select
        facts.*,
        coalesce(facts.utm_channel_sk, {{ surrogate_key(["'channel'", "'UNKNOWN'"]) }}) as channel_sk
    from {{ latest("fact_lead_funnel") }} as facts
),

-- A customer is one lead, the first; of those whom nobody could name each counts. By the lead's own channel: the
-- order's would be known of the successful only.
counted_leads as (
    select
        days.as_of_date,
        leads.channel_sk,
        date_trunc('week', leads.lead_created_date)::date as week_start_date,
        journeys.first_order_date is not null as has_ordered,
        coalesce(leads.won_date <= days.as_of_date, false) as is_won,
        coalesce(leads.contacted_date <= days.as_of_date, false) as is_contacted
    from days
    inner join leads on days.as_of_date >= leads.lead_created_date
    left join journeys on days.as_of_date = journeys.as_of_date and leads.lead_sk = journeys.lead_sk
    where leads.customer_sk is null or journeys.lead_sk is not null
),

-- Each stage includes those after it.
counted as (
    select
        counted_leads.as_of_date,
        counted_leads.week_start_date,
        counted_leads.channel_sk,
        count(*) as leads,
        count(*) filter (
            where counted_leads.is_contacted or counted_leads.is_won or counted_leads.has_ordered
        ) as contacted,
        count(*) filter (where counted_leads.is_won or counted_leads.has_ordered) as converted,
        count(*) filter (where counted_leads.has_ordered) as ordered
    from counted_leads
    group by counted_leads.as_of_date, counted_leads.week_start_date, counted_leads.channel_sk
),

-- Weeks without leads stay, from the first that had one.
weeks as (
    select
        ranges.as_of_date,
        ranges.channel_sk,
        week_start_date::date as week_start_date
    from (
        select
            counted.as_of_date,
            counted.channel_sk,
            min(min(counted.week_start_date)) over (partition by counted.as_of_date) as first_week_date
        from counted
        group by counted.as_of_date, counted.channel_sk
    ) as ranges
    cross join generate_series(ranges.first_week_date, ranges.as_of_date, interval '1 week') as week_start_date
),

final as (
    select
        weeks.as_of_date,
        weeks.week_start_date,
        weeks.channel_sk,
        coalesce(counted.leads, 0)::integer as leads,
        coalesce(counted.contacted, 0)::integer as contacted,
        coalesce(counted.converted, 0)::integer as converted,
        coalesce(counted.ordered, 0)::integer as ordered
    from weeks
    left join counted
        on
            weeks.as_of_date = counted.as_of_date
            and weeks.week_start_date = counted.week_start_date
            and weeks.channel_sk = counted.channel_sk
)

select * from final
