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

recent_purchases as (
    select * from {{ ref("customer_recent_purchases") }}
),

recent_activity as (
    select * from {{ ref("customer_recent_activity") }}
),

-- The part of what a subscription sells that the shop keeps.
subscription_margins as (
    select
        sales.order_sk,
        sum({{ sale_value("sales") }}) / nullif(sum(sales.net_amount), 0) as margin_share
    from {{ latest("fact_sales") }} as sales
    where
        not sales.is_refund
        and sales.order_sk in (select subscriptions.order_sk from {{ latest("fact_subscription") }} as subscriptions)
    group by sales.order_sk
),

running_subscriptions as (
    select
        days.as_of_date,
        subscriptions.customer_sk,
        count(*) as subscription_count,
        sum(
            subscriptions.mrr_net * 12 * coalesce(subscription_margins.margin_share, {{ margin_rate() }})
        ) as value_per_year,
        days.as_of_date - min(subscriptions.started_date) as age_days
    from days
    inner join {{ latest("fact_subscription") }} as subscriptions
        on
            days.as_of_date >= subscriptions.started_date
            and days.as_of_date < coalesce(subscriptions.ended_date, 'infinity')
    left join subscription_margins on subscriptions.order_sk = subscription_margins.order_sk
    where subscriptions.subscription_state <> 'draft' and subscriptions.customer_sk is not null
    group by days.as_of_date, subscriptions.customer_sk
),

standings as (
    select
        days.as_of_date,
        purchase_days.*
    from days
    inner join purchase_days
        on
            days.as_of_date >= purchase_days.known_from
            and days.as_of_date < purchase_days.known_to
            and days.as_of_date >= purchase_days.purchase_date
            and days.as_of_date < coalesce(purchase_days.next_purchase_date, 'infinity')
),

-- Who only ever subscribed has bought too, but tells nothing about purchases.
subscribers as (
    select
        days.as_of_date,
        orders.customer_sk,
        count(*)::integer as order_count,
        sum(orders.sold_net_amount) as net_amount,
        days.as_of_date - max(orders.order_date) as days_since_last_order
    from days
    inner join {{ latest("fact_order") }} as orders on orders.counted_days @> days.as_of_date
    where
        orders.customer_sk is not null
        and orders.order_sk in (select subscriptions.order_sk from {{ latest("fact_subscription") }} as subscriptions)
        and not exists (
            select 1 from standings
            where standings.as_of_date = days.as_of_date and standings.customer_sk = orders.customer_sk
        )
    group by days.as_of_date, orders.customer_sk
),

refunded as (
    select
        standings.as_of_date,
        standings.customer_sk,
        sum(refunds.value_amount) as value_amount,
        sum(refunds.net_amount) as net_amount,
        sum(refunds.value_amount) filter (where refunds.purchase_date = standings.first_purchase_date) as first_value
    from standings
    inner join refunds
        on standings.as_of_date = refunds.as_of_date and standings.customer_sk = refunds.customer_sk
    group by standings.as_of_date, standings.customer_sk
),

buyers as (
    select
        standings.as_of_date,
        standings.customer_sk,
        standings.purchase_day_number - 1 as frequency,
        standings.purchase_date - standings.first_purchase_date as recency_days,
        standings.as_of_date - standings.first_purchase_date as age_days,
        standings.last_gap_mean_days,
        100 * (standings.last_three_gap_mean_days / nullif(standings.earlier_gap_mean_days, 0) - 1)
            as gap_change_percent,
        standings.decayed_so_far * power(2, -(standings.as_of_date - date '2020-01-01') / {{ half_life_days() }})
            as decayed_purchases,
        standings.first_value + coalesce(refunded.first_value, 0) as first_value,
        standings.value_so_far + coalesce(refunded.value_amount, 0) as value_total,
        standings.orders_so_far::integer as order_count,
        standings.net_so_far + coalesce(refunded.net_amount, 0) as spend_total,
        -coalesce(refunded.net_amount, 0) / nullif(standings.net_so_far, 0) as return_share,
        standings.as_of_date - standings.purchase_date as days_since_last_order
    from standings
    left join refunded
        on standings.as_of_date = refunded.as_of_date and standings.customer_sk = refunded.customer_sk
    union all
    select
        subscribers.as_of_date,
        subscribers.customer_sk,
        null as frequency,
        null as recency_days,
        null as age_days,
        null as last_gap_mean_days,
        null as gap_change_percent,
        0 as decayed_purchases,
        null as first_value,
        null as value_total,
        subscribers.order_count,
        subscribers.net_amount as spend_total,
        0 as return_share,
        subscribers.days_since_last_order
    from subscribers
),

final as (
    select
        buyers.as_of_date,
        buyers.customer_sk,
        buyers.frequency,
        buyers.recency_days,
        buyers.age_days,
        buyers.last_gap_mean_days::double precision as last_gap_mean_days,
        buyers.gap_change_percent::double precision as gap_change_percent,
        ((buyers.value_total - buyers.first_value) / nullif(buyers.frequency, 0))::double precision
            as value_per_purchase,
        buyers.first_value::double precision as first_value,
        buyers.decayed_purchases,
        buyers.order_count,
        buyers.spend_total::double precision as spend_total,
        (buyers.spend_total / buyers.order_count)::double precision as mean_order_value,
        buyers.return_share::double precision as return_share,
        buyers.days_since_last_order,
        {% for column in recent_purchase_columns() -%}
        coalesce(recent_purchases.{{ column }}, 0)::double precision as {{ column }},
        {% endfor -%}
        coalesce(recent_activity.days_since_last_activity, buyers.days_since_last_order)
            as days_since_last_activity,
        coalesce(recent_activity.mail_opens_90, 0) as mail_opens_90,
        coalesce(recent_activity.mail_clicks_90, 0) as mail_clicks_90,
        coalesce(recent_activity.complaint_count_90, 0) as complaint_count_90,
        coalesce(recent_activity.cart_count_30, 0) as cart_count_30,
        recent_activity.nps_score,
        coalesce(running_subscriptions.subscription_count, 0) as active_subscription_count,
        coalesce(running_subscriptions.value_per_year, 0)::double precision as subscription_value_per_year,
        running_subscriptions.age_days as subscription_age_days
    from buyers
    left join recent_purchases
        on buyers.as_of_date = recent_purchases.as_of_date and buyers.customer_sk = recent_purchases.customer_sk
    left join recent_activity
        on buyers.as_of_date = recent_activity.as_of_date and buyers.customer_sk = recent_activity.customer_sk
    left join running_subscriptions
        on
            buyers.as_of_date = running_subscriptions.as_of_date
            and buyers.customer_sk = running_subscriptions.customer_sk
)

select * from final
