with rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

rhythm as (
    select * from {{ published("customer_rhythm") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

contacts as (
    select * from {{ published("dim_customer_contact") }} as dimension
),

suppression as (
    select * from {{ ref("suppression") }}
),

-- Dormant or churned by the lifecycle's day limits (spec, section 6), with a history worth winning back.
in_reach as (
    select
        rfm.*,
        rhythm.day_limit_factor
    from rfm
    inner join rhythm on rfm.as_of_date = rhythm.as_of_date and rfm.customer_sk = rhythm.customer_sk
    where
        rfm.order_count_365_days >= 2
        and rfm.days_since_last_order >= 60 * rhythm.day_limit_factor
),

contactable as (
    select
        in_reach.as_of_date,
        in_reach.customer_sk,
        row_number() over (
            partition by in_reach.as_of_date, contacts.email
            order by in_reach.last_order_date desc, in_reach.customer_sk
        ) as place_at_address
    from in_reach
    inner join contacts on in_reach.customer_sk = contacts.customer_sk
    left join suppression on in_reach.customer_sk = suppression.customer_sk
    where suppression.customer_sk is null
),

final as (
    select
        in_reach.as_of_date,
        in_reach.customer_sk,
        customers.customer_code,
        coalesce(
            suppression.reason,
            case when contactable.place_at_address > 1 then 'another customer has the same address' end,
            'handed over'
        ) as outcome,
        contacts.customer_name,
        contacts.email,
        segments.segment_name as rfm_segment,
        in_reach.last_order_date,
        in_reach.days_since_last_order,
        in_reach.order_count_365_days,
        in_reach.total_spend_365_days
    from in_reach
    inner join customers on in_reach.customer_sk = customers.customer_sk
    inner join contacts on in_reach.customer_sk = contacts.customer_sk
    inner join segments on in_reach.rfm_segment_sk = segments.segment_sk
    left join suppression on in_reach.customer_sk = suppression.customer_sk
    left join contactable
        on in_reach.as_of_date = contactable.as_of_date and in_reach.customer_sk = contactable.customer_sk
)

select * from final
