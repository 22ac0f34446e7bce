{{ config(materialized="table", schema="intermediate", contract={"enforced": false}) }}

with days as (
    {{ scored_days() }}
),

purchase_days as (
    select * from {{ ref("customer_purchase_days") }}
),

refunds as (
    select * from {{ ref("purchase_refunds") }}
),

events as (
    select
        days.as_of_date,
        purchase_days.customer_sk,
        days.as_of_date - purchase_days.purchase_date as days_ago,
        purchase_days.order_count,
        1 as purchase_days,
        purchase_days.net_amount,
        purchase_days.value_amount,
        0 as refund_count
    from days
    inner join purchase_days
        on
            days.as_of_date >= purchase_days.known_from
            and days.as_of_date < purchase_days.known_to
            and days.as_of_date >= purchase_days.purchase_date
            and days.as_of_date - 365 < purchase_days.purchase_date
    union all
    select
        refunds.as_of_date,
        refunds.customer_sk,
        refunds.as_of_date - refunds.refund_date as days_ago,
        0 as order_count,
        0 as purchase_days,
        refunds.net_amount,
        refunds.value_amount,
        1 as refund_count
    from refunds
    where refunds.as_of_date - 365 < refunds.refund_date
),

final as (
    select
        events.as_of_date,
        events.customer_sk,
        {% for window in (30, 56, 90, 180, 365) -%}
        sum(events.purchase_days) filter (where events.days_ago < {{ window }}) as purchase_days_{{ window }},
        {% endfor -%}
        {% for window in (30, 90, 180, 365) -%}
        sum(events.value_amount) filter (where events.days_ago < {{ window }}) as value_{{ window }},
        sum(events.net_amount) filter (where events.days_ago < {{ window }}) as spend_{{ window }},
        sum(events.order_count) filter (where events.days_ago < {{ window }}) as orders_{{ window }},
        {% endfor -%}
        sum(events.refund_count) filter (where events.days_ago < 90) as refund_count_90
    from events
    group by events.as_of_date, events.customer_sk
)

select * from final
