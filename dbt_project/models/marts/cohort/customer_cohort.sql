{{
    config(
        key=["as_of_date", "cohort_month", "months_since_acquisition"],
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

members as (
    select
        ordered.as_of_date,
        ordered.customer_sk,
        min(ordered.activity_month) as cohort_month
    from ordered
    group by ordered.as_of_date, ordered.customer_sk
),

-- Money of an order before the first that counts (all of it came back, perhaps later) belongs to the first month.
paid_as_member as (
    select
        paid.as_of_date,
        members.cohort_month,
        greatest(paid.activity_month, members.cohort_month) as activity_month,
        sum(paid.net_amount) as net_amount
    from paid
    inner join members using (as_of_date, customer_sk)
    group by paid.as_of_date, members.cohort_month, greatest(paid.activity_month, members.cohort_month)
),

ordered_as_member as (
    select
        ordered.as_of_date,
        members.cohort_month,
        ordered.activity_month,
        count(*) as active_customers,
        sum(ordered.order_count)::bigint as order_count
    from ordered
    inner join members using (as_of_date, customer_sk)
    group by ordered.as_of_date, members.cohort_month, ordered.activity_month
),

cohorts as (
    select
        members.as_of_date,
        members.cohort_month,
        count(*) as cohort_size
    from members
    group by members.as_of_date, members.cohort_month
),

-- Every month up to D, those in which nobody of the cohort ordered as well.
months as (
    select
        cohorts.*,
        month_starts.month_start::date as activity_month
    from cohorts
    cross join lateral generate_series(
        cohorts.cohort_month::timestamp, cohorts.as_of_date::timestamp, interval '1 month'
    ) as month_starts (month_start)
),

final as (
    select
        {{ date_key("months.as_of_date") }} as date_sk,
        months.as_of_date,
        months.cohort_month,
        months.activity_month,
        (
            extract(year from age(months.activity_month, months.cohort_month)) * 12
            + extract(month from age(months.activity_month, months.cohort_month))
        )::integer as months_since_acquisition,
        (months.activity_month + interval '1 month - 1 day')::date <= months.as_of_date as is_complete_month,
        months.cohort_size,
        coalesce(ordered_as_member.active_customers, 0) as active_customers,
        coalesce(ordered_as_member.order_count, 0) as order_count,
        coalesce(paid_as_member.net_amount, 0) as net_revenue,
        sum(coalesce(paid_as_member.net_amount, 0)) over (
            partition by months.as_of_date, months.cohort_month order by months.activity_month
        ) as cumulative_net_revenue,
        months.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from months
    left join ordered_as_member using (as_of_date, cohort_month, activity_month)
    left join paid_as_member using (as_of_date, cohort_month, activity_month)
    cross join warehouse
)

select * from final
