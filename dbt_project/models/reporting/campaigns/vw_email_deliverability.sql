with deliverability as (
    select * from {{ published("email_deliverability_stats") }} as facts
),

published_days as (
    select * from {{ ref("stg_ops__published_day") }}
),

final as (
    select
        published_days.as_of_date,
        deliverability.stat_date,
        deliverability.provider,
        deliverability.total_sent,
        deliverability.total_delivered,
        deliverability.total_bounced,
        deliverability.hard_bounces,
        deliverability.soft_bounces,
        deliverability.unclassified_bounces,
        deliverability.total_failed,
        deliverability.complaints,
        deliverability.delivery_rate,
        deliverability.bounce_rate,
        deliverability.complaint_rate
    from published_days
    inner join deliverability on published_days.as_of_date >= deliverability.stat_date
)

select * from final
