with activities as (
    select * from {{ published("fact_customer_activity") }} as facts
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

channels as (
    select * from {{ published("dim_interaction_channel") }} as dimension
),

days as (
    select * from {{ ref("stg_ops__published_day") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        days.as_of_date,
        customers.customer_code,
        activities.activity_date,
        activities.activity_at,
        activities.activity_type,
        activities.activity_subtype,
        channels.channel_name,
        activities.order_value_net,
        activities.items_count,
        activities.nps_score,
        warehouse.reporting_currency
    from activities
    inner join days on activities.activity_date <= days.as_of_date
    inner join customers on activities.customer_sk = customers.customer_sk
    inner join channels on activities.channel_sk = channels.channel_sk
    cross join warehouse
)

select * from final
