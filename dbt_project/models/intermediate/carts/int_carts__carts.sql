{{ config(materialized="table") }}

with orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

lines as (
    select * from {{ ref("stg_odoo__sale_order_line") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

noted as (
    select * from {{ ref("stg_odoo__abandoned_cart") }}
),

-- In Odoo the cart is the order: what has a website began as a cart, except what subscriptions copy from their first
-- order.
web_orders as (
    select orders.*
    from orders
    where
        orders.website_id is not null
        and orders.origin_order_id is null
        and orders.made_by_subscription_id is null
),

contents as (
    select
        lines.order_id,
        count(*) filter (where lines.product_id is not null and not lines.is_delivery and not lines.is_reward)::integer
            as line_count,
        sum(lines.net_in_order_currency) as net_in_cart_currency,
        sum(lines.gross_in_order_currency) as gross_in_cart_currency,
        max(lines.updated_at) as updated_at,
        max(lines.updated_date) as updated_date
    from lines
    group by lines.order_id
),

final as (
    select
        web_orders.order_id as cart_id,
        web_orders.partner_id,
        web_orders.company_id,
        web_orders.website_id,
        case
            when web_orders.is_cart then 'open'
            when web_orders.is_confirmed then 'ordered'
            when web_orders.is_cancelled then 'cancelled'
            else 'awaiting_payment'
        end as cart_status,
        -- An import may be younger than what it brings along.
        least(web_orders.created_at, web_orders.ordered_at) as created_at,
        least(web_orders.created_date, web_orders.order_date) as created_date,
        -- Confirming touches order and lines, and so does all that follows. Odoo's reminder touches the order.
        case
            when web_orders.is_confirmed then web_orders.ordered_at
            when web_orders.is_cart_mail_sent then greatest(contents.updated_at, web_orders.created_at)
            else greatest(contents.updated_at, web_orders.created_at, web_orders.updated_at)
        end as last_activity_at,
        case
            when web_orders.is_confirmed then web_orders.order_date
            when web_orders.is_cart_mail_sent then greatest(contents.updated_date, web_orders.created_date)
            else greatest(contents.updated_date, web_orders.created_date, web_orders.updated_date)
        end as last_activity_date,
        case when web_orders.is_confirmed then web_orders.ordered_at end as ordered_at,
        case when web_orders.is_confirmed then web_orders.order_date end as order_date,
        web_orders.order_date as rate_date,
        contents.line_count,
        currencies.currency_code,
        contents.net_in_cart_currency,
        contents.gross_in_cart_currency,
        {{ units_per_company_unit(
            "web_orders.company_id",
            "web_orders.currency_id",
            "companies.company_currency_id",
            "web_orders.order_date",
            "web_orders.units_per_company_unit",
        ) }} as units_per_company_unit,
        web_orders.is_cart_mail_sent,
        web_orders.is_subscription,
        noted.abandoned_at,
        noted.abandon_date,
        noted.recovery_status,
        noted.recovery_mail_count,
        noted.last_recovery_mail_at,
        noted.last_recovery_mail_date,
        noted.recovered_order_id
    from web_orders
    inner join contents on web_orders.order_id = contents.order_id
    inner join companies on web_orders.company_id = companies.company_id
    inner join currencies on web_orders.currency_id = currencies.currency_id
    left join noted on web_orders.order_id = noted.order_id
    where contents.line_count > 0
)

select * from final
