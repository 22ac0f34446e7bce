{{
    config(
        key=["activity_sk"],
        reader_indexes=[["customer_sk"], ["activity_date"]],
    )
}}

{# Each event says what was known on its day: what becomes of a cart or a lead later is an event of its own. #}
with sold as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

origins as (
    select * from {{ latest("dim_order_origin") }} as dimension
),

channels as (
    select * from {{ latest("dim_interaction_channel") }} as dimension
),

order_items as (
    select * from {{ ref("int_activity__order_items") }}
),

carts as (
    select * from {{ latest("fact_cart") }} as facts
    where facts.customer_sk is not null
),

visits as (
    select
        *,
        'website.track,' || first_track_id as reference
    from {{ ref("int_activity__web_visits") }}
),

mail_reactions as (
    select
        reactions.*,
        messages.customer_id,
        messages.channel_code,
        messages.mailing_name
    from {{ ref("int_mailings__reactions") }} as reactions
    inner join {{ ref("int_mailings__messages") }} as messages
        on reactions.send_source = messages.send_source and reactions.send_id = messages.send_id
    where messages.customer_id is not null and reactions.reacted_at is not null
),

nps_answers as (
    select * from {{ latest("fact_nps") }} as facts
    where facts.customer_sk is not null
),

csat_answers as (
    select * from {{ latest("fact_csat") }} as facts
    where facts.customer_sk is not null
),

leads as (
    select * from {{ latest("fact_lead_funnel") }} as facts
    where facts.customer_sk is not null
),

subscriptions as (
    select * from {{ latest("fact_subscription") }} as facts
    where facts.customer_sk is not null
),

loyalty_joins as (
    select * from {{ ref("int_activity__loyalty_joins") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

orders as (
    select
        sold.*,
        channels.channel_code,
        case
            when channels.channel_code = 'WEBSHOP' then 'web'
            when channels.channel_code = 'POS' then 'pos'
            when channels.channel_code = 'SUBSCRIPTION' then 'subscription'
            when sold.sale_source = 'manual_invoice' then 'invoice'
            else 'back_office'
        end as origin,
        origins.campaign_sk,
        origins.utm_source_name,
        order_items.item_count,
        case sold.sale_source
            when 'order' then 'sale.order,'
            when 'pos' then 'pos.order,'
            else 'account.move,'
        end || sold.order_id as reference
    from sold
    inner join origins on sold.order_sk = origins.order_sk
    inner join channels on origins.channel_sk = channels.channel_sk
    left join order_items on sold.sale_source = order_items.sale_source and sold.order_id = order_items.order_id
),

events as (
    select
        customer_sk,
        'order' as activity_type,
        origin as activity_subtype,
        reference,
        ordered_at as occurred_at,
        order_date as activity_date,
        channel_code,
        campaign_sk,
        utm_source_name as referral_source
    from orders
    union all
    select
        customer_sk,
        'cart' as activity_type,
        'created' as activity_subtype,
        'sale.order,' || cart_id as reference,
        cart_created_at as occurred_at,
        cart_created_date as activity_date,
        'WEBSHOP' as channel_code,
        campaign_sk,
        utm_source_name as referral_source
    from carts
    union all
    select
        {{ surrogate_key(["'customer'", "customer_id"]) }} as customer_sk,
        'browse' as activity_type,
        'visit' as activity_subtype,
        reference,
        visited_at as occurred_at,
        visit_date as activity_date,
        'WEBSITE' as channel_code,
        null as campaign_sk,
        null as referral_source
    from visits
    union all
    select
        {{ surrogate_key(["'customer'", "customer_id"]) }} as customer_sk,
        'mailing' as activity_type,
        reaction_type as activity_subtype,
        reference,
        reacted_at as occurred_at,
        reaction_date as activity_date,
        channel_code,
        campaign_sk,
        mailing_name as referral_source
    from mail_reactions
    union all
    select
        customer_sk,
        'feedback' as activity_type,
        'nps' as activity_subtype,
        feedback_reference as reference,
        answered_at as occurred_at,
        answer_date as activity_date,
        'SURVEY' as channel_code,
        null as campaign_sk,
        null as referral_source
    from nps_answers
    union all
    select
        customer_sk,
        'feedback' as activity_type,
        case feedback_source when 'rating' then 'rating' else 'csat' end as activity_subtype,
        feedback_reference as reference,
        answered_at as occurred_at,
        answer_date as activity_date,
        case context_type when 'support' then 'SUPPORT' else 'SURVEY' end as channel_code,
        null as campaign_sk,
        null as referral_source
    from csat_answers
    union all
    {% for milestone, moment in [("created", "lead_created"), ("won", "won"), ("lost", "lost")] -%}
    select
        customer_sk,
        'inquiry' as activity_type,
        '{{ milestone }}' as activity_subtype,
        'crm.lead,' || lead_id as reference,
        {{ moment }}_at as occurred_at,
        {{ moment }}_date as activity_date,
        'SALES_TEAM' as channel_code,
        campaign_sk,
        utm_source_name as referral_source
    from leads
    where {{ moment }}_at is not null
    union all
    {% endfor -%}
    {% for milestone in ["started", "ended"] -%}
    select
        subscriptions.customer_sk,
        'subscription' as activity_type,
        '{{ milestone }}' as activity_subtype,
        subscriptions.subscription_source || ' subscription,' || subscriptions.subscription_id as reference,
        -- A day without a time: its first moment in the shop stands for it.
        (subscriptions.{{ milestone }}_date::timestamp at time zone warehouse.business_time_zone) at time zone 'UTC'
            as occurred_at,
        subscriptions.{{ milestone }}_date as activity_date,
        'SUBSCRIPTION' as channel_code,
        null as campaign_sk,
        null as referral_source
    from subscriptions
    cross join warehouse
    where subscriptions.{{ milestone }}_date is not null and subscriptions.subscription_state <> 'draft'
    union all
    {% endfor -%}
    select
        {{ surrogate_key(["'customer'", "customer_id"]) }} as customer_sk,
        'loyalty' as activity_type,
        'joined' as activity_subtype,
        reference,
        joined_at as occurred_at,
        join_date as activity_date,
        channel_code,
        null as campaign_sk,
        null as referral_source
    from loyalty_joins
),

final as (
    select
        {{ surrogate_key(["events.activity_type", "events.activity_subtype", "events.reference"]) }} as activity_sk,
        {{ date_key("events.activity_date") }} as activity_date_sk,
        events.activity_date,
        events.occurred_at as activity_at,
        events.customer_sk,
        {{ surrogate_key(["'channel'", "events.channel_code"]) }} as channel_sk,
        events.activity_type,
        events.activity_subtype,
        events.reference as activity_reference,
        orders.order_sk,
        round(orders.sold_net_amount, 2) as order_value_net,
        orders.item_count as items_count,
        visits.session_duration_mins,
        visits.pages_viewed,
        visits.products_viewed,
        -- One star is -1, five are 1.
        round((csat_answers.csat_score - 3) / 2, 2) as sentiment_score,
        nps_answers.nps_score,
        events.campaign_sk,
        events.referral_source
    from events
    left join orders on events.activity_type = 'order' and events.reference = orders.reference
    left join visits on events.activity_type = 'browse' and events.reference = visits.reference
    left join csat_answers on events.activity_type = 'feedback' and events.reference = csat_answers.feedback_reference
    left join nps_answers on events.activity_type = 'feedback' and events.reference = nps_answers.feedback_reference
)

select * from final
