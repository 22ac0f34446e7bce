{# Kept as long as daily snapshots: addresses of people who are gone by now must not stay for ever. #}
{{
    config(
        post_hook="delete from {{ this }}"
        ~ " where as_of_date < {{ last_as_of_date() }} - {{ var('daily_snapshot_days') }}",
    )
}}

with outcomes as (
    select * from {{ ref("list_outcome") }} as all_outcomes
    where all_outcomes.as_of_date = {{ last_as_of_date() }} and all_outcomes.outcome = 'handed over'
),

definitions as (
    select * from {{ ref("list_definition") }}
),

contactability as (
    select * from {{ ref("contactability") }}
),

enrolments as (
    select * from {{ ref("stg_ops__enrolment") }}
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
    where facts.as_of_date = {{ last_as_of_date() }}
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
    where facts.as_of_date = {{ last_as_of_date() }}
),

tiers as (
    select
        tiers_of_day.customer_sk,
        dimension.tier_name
    from {{ published("customer_tier") }} as tiers_of_day
    inner join {{ published("dim_customer_tier") }} as dimension on tiers_of_day.tier_sk = dimension.tier_sk
    where tiers_of_day.as_of_date = {{ last_as_of_date() }}
),

sales as (
    select
        facts.customer_sk,
        facts.order_sk,
        facts.ordered_at,
        products.product_name,
        sum(facts.net_amount) as net_amount
    from {{ published("fact_sales") }} as facts
    inner join {{ published("dim_product") }} as products on facts.product_sk = products.product_sk
    where
        not facts.is_refund
        and facts.sale_date <= {{ last_as_of_date() }}
        and facts.customer_sk in (select outcomes.customer_sk from outcomes)
        and products.product_type <> 'service'
    group by facts.customer_sk, facts.order_sk, facts.ordered_at, products.product_name
),

last_products as (
    select
        ranked.customer_sk,
        string_agg(ranked.product_name, ', ' order by ranked.place) as last_products
    from (
        select
            sales.customer_sk,
            sales.product_name,
            rank() over (
                partition by sales.customer_sk order by sales.ordered_at desc, sales.order_sk
            ) as order_place,
            row_number() over (
                partition by sales.customer_sk
                order by sales.ordered_at desc, sales.order_sk, sales.net_amount desc, sales.product_name
            ) as place
        from sales
    ) as ranked
    where ranked.order_place = 1 and ranked.place <= 3
    group by ranked.customer_sk
),

-- Each of the campaigns addresses one of the three warnings.
warnings as (
    select
        'points_expiring_' || all_warnings.days_before as campaign_name,
        all_warnings.customer_sk,
        all_warnings.points,
        all_warnings.expiry_date
    from {{ ref("loyalty_warning") }} as all_warnings
    where all_warnings.as_of_date = {{ last_as_of_date() }}
),

final as (
    select
        outcomes.as_of_date,
        outcomes.list_name,
        outcomes.customer_sk,
        customers.customer_code,
        contactability.partner_id,
        contactability.channel,
        contactability.address,
        contactability.customer_name,
        contactability.is_internal_user,
        enrolments.offer_code,
        jsonb_strip_nulls(jsonb_build_object(
            'rfm_segment', segments.segment_name,
            'lifecycle_stage', lifecycle.current_stage,
            'customer_tier', tiers.tier_name,
            'loyalty_points', lifecycle.loyalty_points,
            'last_order_date', rfm.last_order_date,
            'days_since_last_order', rfm.days_since_last_order,
            'order_count_365_days', rfm.order_count_365_days,
            'total_spend_365_days', rfm.total_spend_365_days,
            'total_orders', lifecycle.total_orders,
            'last_products', last_products.last_products,
            'points_expiring', warnings.points,
            'points_expiry_date', warnings.expiry_date,
            'variant', enrolments.variant
        )) as merge_data
    -- Whoever is handed over has a list and an address: these joins leave nobody out. Written as inner joins, the
    -- planner would expect next to nobody and look through all customers once for each member.
    from outcomes
    left join definitions on outcomes.list_name = definitions.list_name
    left join contactability
        on outcomes.customer_sk = contactability.customer_sk and definitions.channel = contactability.channel
    inner join customers on outcomes.customer_sk = customers.customer_sk
    left join enrolments on outcomes.enrolment_sk = enrolments.enrolment_sk
    left join rfm on outcomes.customer_sk = rfm.customer_sk
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    left join lifecycle on outcomes.customer_sk = lifecycle.customer_sk
    left join tiers on outcomes.customer_sk = tiers.customer_sk
    left join last_products on outcomes.customer_sk = last_products.customer_sk
    left join warnings
        on definitions.campaign_name = warnings.campaign_name and outcomes.customer_sk = warnings.customer_sk
)

select * from final
