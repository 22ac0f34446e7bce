with definitions as (
    select * from {{ ref("stg_scores__segment_definition") }}
),

stays as (
    select * from {{ ref("stg_scores__segment_membership") }}
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

publication as (
    select * from {{ ref("stg_ops__publication") }}
),

events as (
    select
        stays.segment_name,
        stays.customer_sk,
        stays.entered_date as event_date,
        'entered' as event_type,
        null::integer as days_in_segment
    from stays
    union all
    select
        stays.segment_name,
        stays.customer_sk,
        stays.left_date as event_date,
        'left' as event_type,
        stays.left_date - stays.entered_date as days_in_segment
    from stays
    where stays.left_date is not null
),

-- Segments are refreshed shortly before their day is published.
final as (
    select
        events.event_date,
        events.segment_name,
        definitions.segment_title,
        definitions.segment_type,
        events.event_type,
        customers.customer_code,
        events.days_in_segment
    from events
    inner join publication on events.event_date <= publication.as_of_date
    inner join definitions on events.segment_name = definitions.segment_name
    inner join customers on events.customer_sk = customers.customer_sk
)

select * from final
