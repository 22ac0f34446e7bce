{{ config(materialized="permanent_view") }}

with publication as (
    select * from {{ ref("stg_ops__publication") }}
),

stays as (
    select * from {{ ref("stg_ops__list_stay") }}
),

members as (
    select * from {{ ref("list_member") }}
),

definitions as (
    select * from {{ ref("list_definition") }}
),

planned as (
    select
        members.list_name,
        members.customer_sk,
        members.as_of_date
    from members
    inner join publication on members.as_of_date = publication.as_of_date
    left join stays
        on
            members.list_name = stays.list_name
            and members.address = stays.address
            and stays.removed_at is null
    where stays.address is null
),

communications as (
    select
        stays.list_name,
        stays.customer_sk,
        stays.destination,
        null::date as planned_date,
        stays.pushed_at,
        stays.sent_at,
        stays.removed_at,
        case
            when stays.sent_at is not null then 'sent'
            when stays.removed_at > stays.pushed_at and stays.removed_date < stays.pushed_date + 7 then 'taken back'
            when stays.pushed_date > publication.as_of_date - 7 then 'pushed'
            else 'unknown'
        end as communication_status
    from stays
    cross join publication
    union all
    select
        planned.list_name,
        planned.customer_sk,
        null::text as destination,
        planned.as_of_date as planned_date,
        null::timestamptz as pushed_at,
        null::timestamptz as sent_at,
        null::timestamptz as removed_at,
        'planned' as communication_status
    from planned
),

final as (
    select
        communications.list_name,
        definitions.campaign_name,
        definitions.step,
        definitions.channel,
        communications.customer_sk,
        communications.destination,
        communications.communication_status,
        communications.planned_date,
        communications.pushed_at,
        communications.sent_at,
        communications.removed_at
    from communications
    left join definitions on communications.list_name = definitions.list_name
)

select * from final
