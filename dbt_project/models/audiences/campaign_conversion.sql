{{ config(unique_key="campaign_name") }}

with enrolments as (
    select * from {{ ref("stg_ops__enrolment") }}
),

campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
),

steps as (
    select * from {{ ref("enrolment_step") }}
),

orders as (
    select * from {{ published("fact_order") }} as facts
    where facts.order_date <= {{ last_as_of_date() }} and facts.counted_days @> {{ last_as_of_date() }}
),

sales as (
    select * from {{ published("fact_sales") }} as facts
    where facts.sale_date <= {{ last_as_of_date() }}
),

messages as (
    select
        steps.enrolment_sk,
        min(coalesce(steps.sent_date, steps.pushed_date)) as first_message_date,
        count(steps.pushed_date) as message_count
    from steps
    group by steps.enrolment_sk
),

windows as (
    select
        enrolments.*,
        enrolments.enrolled_date + campaigns.conversion_window_days as window_end_date,
        messages.first_message_date,
        messages.first_message_date + campaigns.conversion_window_days as message_window_end_date,
        coalesce(messages.message_count, 0) as message_count
    from enrolments
    inner join campaigns on enrolments.campaign_name = campaigns.campaign_name
    left join messages on enrolments.enrolment_sk = messages.enrolment_sk
),

-- As assigned: both arms from the day of enrolment on, whether or not anything was sent.
ordered as (
    select
        windows.enrolment_sk,
        count(*) as order_count
    from windows
    inner join orders
        on
            windows.customer_sk = orders.customer_sk
            and windows.enrolled_date < orders.order_date
            and windows.window_end_date >= orders.order_date
    group by windows.enrolment_sk
),

sold as (
    select
        windows.enrolment_sk,
        sum(sales.net_amount) as net_amount
    from windows
    inner join sales
        on
            windows.customer_sk = sales.customer_sk
            and windows.enrolled_date < sales.sale_date
            and windows.window_end_date >= sales.sale_date
    group by windows.enrolment_sk
),

-- The first order within the window of the first message.
converted as (
    select distinct on (windows.enrolment_sk)
        windows.enrolment_sk,
        orders.order_sk,
        orders.order_date,
        orders.sold_net_amount
    from windows
    inner join orders
        on
            windows.customer_sk = orders.customer_sk
            and windows.enrolled_date < orders.order_date
            and windows.first_message_date <= orders.order_date
            and windows.message_window_end_date >= orders.order_date
    order by windows.enrolment_sk, orders.ordered_at, orders.order_sk
),

final as (
    select
        windows.enrolment_sk,
        {{ last_as_of_date() }} as as_of_date,
        windows.campaign_name,
        windows.customer_sk,
        windows.arm,
        windows.enrolled_date,
        windows.enrolment_status,
        windows.message_count::integer as message_count,
        windows.first_message_date,
        windows.window_end_date,
        windows.window_end_date <= {{ last_as_of_date() }} as is_window_closed,
        coalesce(ordered.order_count, 0)::integer as order_count,
        coalesce(sold.net_amount, 0)::numeric(14, 2) as net_amount,
        converted.order_date as converted_date,
        converted.order_sk as conversion_order_sk,
        converted.sold_net_amount::numeric(14, 2) as conversion_net_amount
    from windows
    left join ordered on windows.enrolment_sk = ordered.enrolment_sk
    left join sold on windows.enrolment_sk = sold.enrolment_sk
    left join converted on windows.enrolment_sk = converted.enrolment_sk
)

select * from final
