with mix as (
    select * from {{ published("cohort_mix") }} as facts
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

months as (
    {{ cohort_months("mix") }}
),

final as (
    select
        months.as_of_date,
        months.rfm_segment,
        months.tier_name,
        months.country,
        months.acquisition_channel,
        months.cohort_month,
        months.month_number as months_since_acquisition,
        months.month_start as activity_month,
        months.is_complete_month,
        months.cohort_size,
        case when months.is_eventful then months.active_customers else 0 end as active_customers,
        case when months.is_eventful then months.order_count else 0 end as order_count,
        case when months.is_eventful then months.net_revenue else 0 end as cohort_revenue,
        months.cumulative_net_revenue as cumulative_revenue,
        months.is_reconstructed,
        warehouse.reporting_currency
    from months
    cross join warehouse
)

select * from final
