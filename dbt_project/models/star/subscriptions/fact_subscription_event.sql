{{ config(key=["subscription_event_sk"], reader_indexes=[["customer_sk"], ["event_date"]]) }}

with events as (
    select * from {{ ref("int_subscriptions__events") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

converted as (
    select
        events.*,
        contacts.customer_id,
        coalesce(rates.reporting_units_per_company_unit, 1) / events.units_per_company_unit as rate
    from events
    left join contacts on events.partner_id = contacts.partner_id
    left join rates on events.company_id = rates.company_id and events.event_date = rates.date_actual
),

final as (
    select
        {{ surrogate_key(["'subscription event'", "converted.order_log_id"]) }} as subscription_event_sk,
        {{ date_key("converted.event_date") }} as event_date_sk,
        converted.event_date,
        {{ surrogate_key(["'enterprise'", "converted.subscription_id"]) }} as subscription_sk,
        case
            when converted.customer_id is not null then {{ surrogate_key(["'customer'", "converted.customer_id"]) }}
        end as customer_sk,
        converted.company_id,
        converted.event_type,
        round(converted.monthly_net_change * converted.rate, 2) as mrr_change_net,
        round(converted.monthly_net_after * converted.rate, 2) as mrr_after_net,
        converted.currency_code,
        converted.monthly_net_change as mrr_change_in_subscription_currency,
        converted.monthly_net_after as mrr_after_in_subscription_currency
    from converted
)

select * from final
