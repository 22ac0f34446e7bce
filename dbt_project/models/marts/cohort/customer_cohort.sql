{{
    config(
        key=["as_of_date", "cohort_month", "months_since_acquisition"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with mix as (
    select * from {{ latest("cohort_mix") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

months as (
    {{ cohort_months("mix") }}
),

final as (
    select
        months.date_sk,
        months.as_of_date,
        months.cohort_month,
        months.month_start as activity_month,
        months.month_number as months_since_acquisition,
        months.is_complete_month,
        sum(months.cohort_size)::bigint as cohort_size,
        coalesce(sum(months.active_customers) filter (where months.is_eventful), 0)::bigint as active_customers,
        coalesce(sum(months.order_count) filter (where months.is_eventful), 0)::bigint as order_count,
        coalesce(sum(months.net_revenue) filter (where months.is_eventful), 0) as net_revenue,
        sum(months.cumulative_net_revenue) as cumulative_net_revenue,
        months.is_reconstructed
    from months
    group by
        months.date_sk,
        months.as_of_date,
        months.cohort_month,
        months.month_start,
        months.month_number,
        months.is_complete_month,
        months.is_reconstructed
)

select * from final
