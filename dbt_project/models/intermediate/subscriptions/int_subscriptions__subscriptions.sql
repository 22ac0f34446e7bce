{{ config(materialized="table") }}

with subscriptions as (
    select * from {{ ref("stg_odoo__sale_subscription") }}
),

oca_lines as (
    select * from {{ ref("stg_odoo__sale_subscription_line") }}
),

order_lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

log as (
    select * from {{ ref("stg_odoo__sale_order_log") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

contents as (
    select
        'enterprise' as subscription_source,
        order_lines.order_id as subscription_id,
        order_lines.product_id
    from order_lines
    where not order_lines.is_delivery and not order_lines.is_reward
    union all
    select
        'oca' as subscription_source,
        oca_lines.subscription_id,
        oca_lines.product_id
    from oca_lines
),

product_counts as (
    select
        contents.subscription_source,
        contents.subscription_id,
        count(distinct contents.product_id)::integer as product_count
    from contents
    group by contents.subscription_source, contents.subscription_id
),

churned as (
    select
        log.order_id as subscription_id,
        max(log.event_date) as churn_date
    from log
    where log.event_type = 'churn'
    group by log.order_id
),

final as (
    select
        subscriptions.subscription_source,
        subscriptions.subscription_id,
        subscriptions.subscription_name,
        subscriptions.partner_id,
        subscriptions.company_id,
        subscriptions.order_id,
        subscriptions.origin_order_id,
        subscriptions.subscription_state,
        subscriptions.interval_unit,
        subscriptions.interval_count,
        subscriptions.started_date,
        subscriptions.ends_date,
        -- The log knows the day; without one the end that is written down is what is known of a closed one.
        case
            when subscriptions.subscription_state in ('closed', 'renewed')
                then coalesce(churned.churn_date, subscriptions.ends_date)
        end as ended_date,
        subscriptions.next_invoice_date,
        subscriptions.close_reason,
        coalesce(product_counts.product_count, 0) as product_count,
        currencies.currency_code,
        subscriptions.monthly_net as monthly_net_in_subscription_currency,
        subscriptions.monthly_net / {{ units_per_company_unit(
            "subscriptions.company_id",
            "subscriptions.currency_id",
            "companies.company_currency_id",
            "subscriptions.started_date",
            "orders.units_per_company_unit",
        ) }} as monthly_net_in_company_currency
    from subscriptions
    left join product_counts
        on
            subscriptions.subscription_source = product_counts.subscription_source
            and subscriptions.subscription_id = product_counts.subscription_id
    left join churned
        on subscriptions.subscription_source = 'enterprise' and subscriptions.subscription_id = churned.subscription_id
    left join orders
        on subscriptions.subscription_source = 'enterprise' and subscriptions.subscription_id = orders.order_id
    left join companies on subscriptions.company_id = companies.company_id
    left join currencies on subscriptions.currency_id = currencies.currency_id
)

select * from final
