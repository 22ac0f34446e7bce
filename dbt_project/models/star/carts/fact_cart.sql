{{
    config(
        key=["cart_sk"],
        reader_indexes=[["customer_sk"], ["cart_created_date"]],
    )
}}

with carts as (
    select * from {{ ref("int_carts__carts") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

utm_channels as (
    select * from {{ ref("int_utm__channels") }}
    where carrier = 'order'
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

keyed as (
    select
        carts.*,
        case
            when contacts.customer_id is not null
                then {{ surrogate_key(["'customer'", "contacts.customer_id"]) }}
        end as customer_sk,
        {{ surrogate_key(["'order'", "carts.cart_id"]) }} as own_order_sk,
        coalesce(rates.reporting_units_per_company_unit, 1) / carts.units_per_company_unit as rate,
        utm_channels.campaign_sk,
        utm_channels.source_name
    from carts
    left join contacts on carts.partner_id = contacts.partner_id
    left join rates on carts.company_id = rates.company_id and carts.rate_date = rates.date_actual
    left join utm_channels on carts.cart_id = utm_channels.carrier_id
),

-- What the customer bought instead, in this or any other way.
followed as (
    select distinct on (keyed.cart_id)
        keyed.cart_id,
        orders.order_sk,
        orders.ordered_at,
        orders.order_date
    from keyed
    inner join orders on keyed.customer_sk = orders.customer_sk and keyed.last_activity_at < orders.ordered_at
    where keyed.cart_status <> 'ordered'
    order by keyed.cart_id, orders.ordered_at, orders.order_sk
),

final as (
    select
        {{ surrogate_key(["'cart'", "keyed.cart_id"]) }} as cart_sk,
        keyed.cart_id,
        {{ date_key("keyed.created_date") }} as cart_created_date_sk,
        keyed.customer_sk,
        keyed.company_id,
        keyed.website_id,
        keyed.cart_status,
        keyed.created_at as cart_created_at,
        keyed.created_date as cart_created_date,
        keyed.last_activity_at,
        keyed.last_activity_date,
        keyed.line_count,
        round(keyed.net_in_cart_currency * keyed.rate, 2) as net_amount,
        round(keyed.gross_in_cart_currency * keyed.rate, 2) as gross_amount,
        keyed.currency_code,
        keyed.net_in_cart_currency,
        keyed.gross_in_cart_currency,
        keyed.is_subscription,
        keyed.campaign_sk,
        keyed.source_name as utm_source_name,
        keyed.is_cart_mail_sent as is_recovery_mail_sent,
        case when keyed.cart_status = 'ordered' then keyed.own_order_sk end as order_sk,
        keyed.ordered_at,
        keyed.order_date,
        followed.order_sk as next_order_sk,
        followed.ordered_at as next_ordered_at,
        followed.order_date as next_order_date,
        keyed.recovery_status as addon_recovery_status,
        keyed.abandoned_at as addon_abandoned_at,
        keyed.abandon_date as addon_abandon_date,
        keyed.recovery_mail_count as addon_recovery_mail_count,
        keyed.last_recovery_mail_at as addon_last_recovery_mail_at,
        keyed.last_recovery_mail_date as addon_last_recovery_mail_date,
        case
            when keyed.recovered_order_id is not null
                then {{ surrogate_key(["'order'", "keyed.recovered_order_id"]) }}
        end as addon_recovered_order_sk
    from keyed
    left join followed on keyed.cart_id = followed.cart_id
)

select * from final
