{{ config(materialized="view") }}

{# What the export of files reads; the lists hold the same and more. #}
with outcomes as (
    select * from {{ ref("list_outcome") }}
    where list_name = 'win_back_1'
),

members as (
    select * from {{ ref("list_member") }}
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

final as (
    select
        outcomes.as_of_date,
        outcomes.customer_sk,
        customers.customer_code,
        outcomes.outcome,
        members.customer_name,
        members.address as email,
        members.merge_data ->> 'rfm_segment' as rfm_segment,
        (members.merge_data ->> 'last_order_date')::date as last_order_date,
        (members.merge_data ->> 'days_since_last_order')::integer as days_since_last_order,
        (members.merge_data ->> 'order_count_365_days')::integer as order_count_365_days,
        (members.merge_data ->> 'total_spend_365_days')::numeric(14, 2) as total_spend_365_days
    from outcomes
    inner join customers on outcomes.customer_sk = customers.customer_sk
    left join members
        on
            outcomes.as_of_date = members.as_of_date
            and outcomes.list_name = members.list_name
            and outcomes.customer_sk = members.customer_sk
)

select * from final
