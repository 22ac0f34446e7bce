with daily_stats as (
    select * from {{ published("campaign_daily_stats") }} as facts
),

campaigns as (
    select * from {{ published("dim_campaign") }} as dimension
),

published_days as (
    select * from {{ ref("stg_ops__published_day") }}
),

final as (
    select
        published_days.as_of_date,
        daily_stats.stat_date,
        campaigns.campaign_code,
        campaigns.campaign_name,
        daily_stats.sent,
        daily_stats.delivered,
        daily_stats.bounced,
        daily_stats.unique_opens,
        daily_stats.total_opens,
        daily_stats.unique_clicks,
        daily_stats.total_clicks,
        daily_stats.unsubscribes,
        daily_stats.complaints,
        daily_stats.open_rate,
        daily_stats.click_rate,
        daily_stats.click_to_open_rate,
        daily_stats.unsubscribe_rate,
        daily_stats.attributed_revenue,
        daily_stats.attributed_orders,
        warehouse.reporting_currency
    from published_days
    inner join daily_stats on published_days.as_of_date >= daily_stats.stat_date
    inner join campaigns on daily_stats.campaign_sk = campaigns.campaign_sk
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
