{{ config(materialized="permanent_view") }}

with stays as (
    select * from {{ ref("stg_ops__list_stay") }}
),

steps as (
    select * from {{ ref("stg_ops__campaign_step") }}
),

campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
),

{# The same list in two destinations is one message to the address. #}
final as (
    select
        steps.campaign_name,
        steps.step,
        stays.list_name,
        steps.channel,
        campaigns.is_service,
        stays.address,
        stays.pushed_date,
        min(stays.customer_sk) as customer_sk,
        min(stays.sent_date) as sent_date,
        coalesce(min(stays.sent_date), stays.pushed_date) as message_date
    from stays
    inner join steps on stays.list_name = steps.list_name
    inner join campaigns on steps.campaign_name = campaigns.campaign_name
    -- Taken back before anybody sent it: no message. Over at once, as reminders of carts are: handed over as a file.
    where
        stays.sent_at is not null
        or stays.removed_at is null
        or stays.removed_at = stays.pushed_at
        or stays.removed_date >= stays.pushed_date + 7
    group by
        steps.campaign_name,
        steps.step,
        stays.list_name,
        steps.channel,
        campaigns.is_service,
        stays.address,
        stays.pushed_date
)

select * from final
