{{ config(materialized="permanent_view") }}

with contactability as (
    select * from {{ ref("contactability") }}
),

final as (
    select
        contactability.customer_sk,
        coalesce(contactability.reason, contactability.marketing_reason) as reason,
        contactability.channel,
        contactability.reason is not null as binds_service_messages
    from contactability
    where contactability.reason is not null or contactability.marketing_reason is not null
)

select * from final
