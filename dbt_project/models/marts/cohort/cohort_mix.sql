{{
    config(
        key=[
            "as_of_date",
            "cohort_month",
            "months_since_acquisition",
            "rfm_segment",
            "tier_name",
            "country",
            "acquisition_channel",
        ],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

groups_of_customers as (
    select * from {{ latest("customer_group") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

daily_sales as (
    select
        sales.customer_sk,
        sales.sale_date,
        sum(sales.net_amount) as net_amount
    from sales
    group by sales.customer_sk, sales.sale_date
),

-- What a customer ordered and paid in a month, as known on the day.
ordered as (
    select
        days.as_of_date,
        orders.customer_sk,
        date_trunc('month', orders.order_date)::date as activity_month,
        count(*) as order_count
    from days
    inner join orders on orders.counted_days @> days.as_of_date
    group by days.as_of_date, orders.customer_sk, date_trunc('month', orders.order_date)::date
),

paid as (
    select
        days.as_of_date,
        daily_sales.customer_sk,
        date_trunc('month', daily_sales.sale_date)::date as activity_month,
        sum(daily_sales.net_amount) as net_amount
    from days
    inner join daily_sales on days.as_of_date >= daily_sales.sale_date
    group by days.as_of_date, daily_sales.customer_sk, date_trunc('month', daily_sales.sale_date)::date
),

cohorts as (
    select
        ordered.as_of_date,
        ordered.customer_sk,
        min(ordered.activity_month) as cohort_month
    from ordered
    group by ordered.as_of_date, ordered.customer_sk
),

-- A cohort loses nobody who has no group.
members as (
    select
        cohorts.as_of_date,
        cohorts.customer_sk,
        cohorts.cohort_month,
        coalesce(groups_of_customers.rfm_segment, 'No order yet') as rfm_segment,
        coalesce(groups_of_customers.tier_name, 'No tier') as tier_name,
        coalesce(groups_of_customers.country, 'Unknown') as country,
        coalesce(groups_of_customers.acquisition_channel, 'Unknown') as acquisition_channel
    from cohorts
    left join groups_of_customers
        on
            cohorts.as_of_date = groups_of_customers.as_of_date
            and cohorts.customer_sk = groups_of_customers.customer_sk
),

-- Money of an order before the first that counts (all of it came back, perhaps later) belongs to the first month.
done as (
    select
        ordered.as_of_date,
        ordered.customer_sk,
        ordered.activity_month,
        1 as active_customers,
        ordered.order_count,
        0 as net_amount
    from ordered
    union all
    select
        paid.as_of_date,
        paid.customer_sk,
        greatest(paid.activity_month, cohorts.cohort_month) as activity_month,
        0 as active_customers,
        0 as order_count,
        paid.net_amount
    from paid
    inner join cohorts using (as_of_date, customer_sk)
),

-- Everybody of a cohort ordered in its month, so that each combination has a row for month 0.
eventful_months as (
    select
        members.as_of_date,
        members.cohort_month,
        done.activity_month,
        members.rfm_segment,
        members.tier_name,
        members.country,
        members.acquisition_channel,
        {{ months_between("members.cohort_month", "done.activity_month") }} as months_since_acquisition,
        sum(done.active_customers)::bigint as active_customers,
        sum(done.order_count)::bigint as order_count,
        sum(done.net_amount) as net_revenue
    from members
    inner join done using (as_of_date, customer_sk)
    group by
        members.as_of_date,
        members.cohort_month,
        done.activity_month,
        members.rfm_segment,
        members.tier_name,
        members.country,
        members.acquisition_channel
),

final as (
    select
        {{ date_key("eventful_months.as_of_date") }} as date_sk,
        eventful_months.as_of_date,
        eventful_months.cohort_month,
        eventful_months.activity_month,
        eventful_months.months_since_acquisition,
        -- Rows of months in which nothing happened would be most of them: the last one before holds until the next.
        coalesce(
            lead(eventful_months.months_since_acquisition) over combination - 1,
            {{ months_between("eventful_months.cohort_month", "date_trunc('month', eventful_months.as_of_date)") }}
        ) as holds_to_month,
        eventful_months.rfm_segment,
        eventful_months.tier_name,
        eventful_months.country,
        eventful_months.acquisition_channel,
        first_value(eventful_months.active_customers) over combination as cohort_size,
        eventful_months.active_customers,
        eventful_months.order_count,
        eventful_months.net_revenue,
        sum(eventful_months.net_revenue) over combination as cumulative_net_revenue,
        eventful_months.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from eventful_months
    cross join warehouse
    window combination as (
        partition by
            eventful_months.as_of_date,
            eventful_months.cohort_month,
            eventful_months.rfm_segment,
            eventful_months.tier_name,
            eventful_months.country,
            eventful_months.acquisition_channel
        order by eventful_months.activity_month
    )
)

select * from final
