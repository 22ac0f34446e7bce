{{ config(key=["subscription_sk"], reader_indexes=[["customer_sk"]]) }}

with subscriptions as (
    select * from {{ ref("int_subscriptions__subscriptions") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

final as (
    select
        {{ surrogate_key(["subscriptions.subscription_source", "subscriptions.subscription_id"]) }}
            as subscription_sk,
        subscriptions.subscription_source,
        subscriptions.subscription_id,
        subscriptions.subscription_name,
        {{ date_key("subscriptions.started_date") }} as started_date_sk,
        case
            when contacts.customer_id is not null
                then {{ surrogate_key(["'customer'", "contacts.customer_id"]) }}
        end as customer_sk,
        subscriptions.company_id,
        case
            when subscriptions.order_id is not null then {{ surrogate_key(["'order'", "subscriptions.order_id"]) }}
        end as order_sk,
        case
            when subscriptions.origin_order_id is not null
                then {{ surrogate_key(["'order'", "subscriptions.origin_order_id"]) }}
        end as origin_order_sk,
        subscriptions.subscription_state,
        subscriptions.interval_unit,
        subscriptions.interval_count,
        subscriptions.started_date,
        subscriptions.ends_date,
        subscriptions.ended_date,
        subscriptions.next_invoice_date,
        subscriptions.close_reason,
        subscriptions.product_count,
        round(subscriptions.monthly_net_in_company_currency * coalesce(rates.reporting_units_per_company_unit, 1), 2)
            as mrr_net,
        subscriptions.currency_code,
        subscriptions.monthly_net_in_subscription_currency as mrr_in_subscription_currency
    from subscriptions
    left join contacts on subscriptions.partner_id = contacts.partner_id
    left join rates
        on subscriptions.company_id = rates.company_id and subscriptions.started_date = rates.date_actual
)

select * from final
