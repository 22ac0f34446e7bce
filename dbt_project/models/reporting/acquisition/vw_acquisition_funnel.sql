with funnel as (
    select * from {{ published("acquisition_funnel") }} as facts
),

channels as (
    select * from {{ published("dim_interaction_channel") }} as dimension
),

final as (
    select
        funnel.as_of_date,
        funnel.week_start_date,
        extract(isoyear from funnel.week_start_date)::integer as year_actual,
        extract(week from funnel.week_start_date)::integer as week_of_year,
        channels.channel_name,
        funnel.leads,
        funnel.contacted,
        funnel.converted,
        funnel.ordered,
        round(100.0 * funnel.contacted / nullif(funnel.leads, 0), 1) as contact_rate,
        round(100.0 * funnel.converted / nullif(funnel.contacted, 0), 1) as conversion_rate,
        round(100.0 * funnel.ordered / nullif(funnel.converted, 0), 1) as order_rate,
        round(100.0 * funnel.ordered / nullif(funnel.leads, 0), 1) as overall_conversion_rate
    from funnel
    inner join channels on funnel.channel_sk = channels.channel_sk
)

select * from final
