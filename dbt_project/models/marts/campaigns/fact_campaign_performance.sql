{{ config(key=["as_of_date", "campaign_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

campaigns as (
    select * from {{ latest("dim_campaign") }} as dimension
),

sends as (
    select * from {{ latest("fact_mailing_send") }} as facts
    where facts.campaign_sk is not null and facts.send_date <= {{ last_as_of_date() }}
),

daily_stats as (
    select * from {{ latest("campaign_daily_stats") }} as facts
),

leads as (
    select * from {{ latest("fact_lead_funnel") }} as facts
    where facts.campaign_sk is not null
),

first_reached as (
    select
        sends.campaign_sk,
        sends.customer_sk,
        min(sends.send_date) as reached_date
    from sends
    where sends.is_delivered and sends.customer_sk is not null
    group by sends.campaign_sk, sends.customer_sk
),

orders as (
    select
        facts.*,
        origins.campaign_sk,
        -- Without a customer every order is somebody's.
        coalesce(facts.customer_sk, facts.order_sk) as buyer_sk,
        coalesce(first_reached.reached_date <= facts.order_date, false) as is_after_message
    from {{ latest("fact_order") }} as facts
    inner join {{ latest("dim_order_origin") }} as origins on facts.order_sk = origins.order_sk
    left join first_reached
        on origins.campaign_sk = first_reached.campaign_sk and facts.customer_sk = first_reached.customer_sk
    where origins.campaign_sk is not null
),

costs as (
    select
        campaigns.campaign_sk,
        costs.cost_date,
        costs.amount
    from {{ ref("campaign_cost") }} as costs
    inner join campaigns on costs.campaign_code = campaigns.campaign_code
    inner join {{ ref("stg_ops__warehouse") }} as warehouse on costs.currency_code = warehouse.reporting_currency
),

reach as (
    select
        days.as_of_date,
        sends.campaign_sk,
        count(distinct sends.recipient_sk) as audience_size,
        count(*) filter (where sends.is_delivered) as impressions,
        count(distinct sends.recipient_sk) filter (where sends.is_delivered) as unique_reach,
        count(*) filter (where sends.is_opened and sends.open_date <= days.as_of_date) as opens,
        count(*) filter (where sends.is_clicked and sends.click_date <= days.as_of_date) as clicked_messages,
        count(*) filter (
            where
            (sends.is_opened and sends.open_date <= days.as_of_date)
            or (sends.is_clicked and sends.click_date <= days.as_of_date)
            or (sends.is_replied and sends.reply_date <= days.as_of_date)
        ) as engaged_messages
    from days
    inner join sends on days.as_of_date >= sends.send_date
    group by days.as_of_date, sends.campaign_sk
),

daily_sums as (
    select
        days.as_of_date,
        daily_stats.campaign_sk,
        sum(daily_stats.total_clicks) as clicks,
        sum(daily_stats.attributed_revenue) as revenue_attributed
    from days
    inner join daily_stats on days.as_of_date >= daily_stats.stat_date
    group by days.as_of_date, daily_stats.campaign_sk
),

generated as (
    select
        days.as_of_date,
        leads.campaign_sk,
        count(*) as leads_generated
    from days
    inner join leads on days.as_of_date >= leads.lead_created_date
    group by days.as_of_date, leads.campaign_sk
),

ordered as (
    select
        days.as_of_date,
        orders.campaign_sk,
        count(*) as orders_attributed,
        count(distinct orders.buyer_sk) as conversions,
        count(distinct orders.customer_sk) filter (where orders.is_after_message) as reached_conversions
    from days
    inner join orders on orders.counted_days @> days.as_of_date
    group by days.as_of_date, orders.campaign_sk
),

spent as (
    select
        days.as_of_date,
        costs.campaign_sk,
        sum(costs.amount) as spend
    from days
    inner join costs on days.as_of_date >= costs.cost_date
    group by days.as_of_date, costs.campaign_sk
),

-- A campaign is there once it was made, or once anything carries it.
measured as (
    select
        days.as_of_date,
        campaigns.campaign_sk,
        coalesce(reach.audience_size, 0) as audience_size,
        coalesce(reach.impressions, 0) as impressions,
        coalesce(reach.unique_reach, 0) as unique_reach,
        coalesce(reach.opens, 0) as opens,
        coalesce(daily_sums.clicks, 0) as clicks,
        coalesce(reach.clicked_messages, 0) as clicked_messages,
        coalesce(reach.engaged_messages, 0) as engaged_messages,
        coalesce(generated.leads_generated, 0) as leads_generated,
        coalesce(ordered.conversions, 0) as conversions,
        coalesce(ordered.reached_conversions, 0) as reached_conversions,
        coalesce(ordered.orders_attributed, 0) as orders_attributed,
        coalesce(daily_sums.revenue_attributed, 0) as revenue_attributed,
        spent.spend
    from days
    cross join campaigns
    left join reach on days.as_of_date = reach.as_of_date and campaigns.campaign_sk = reach.campaign_sk
    left join daily_sums
        on days.as_of_date = daily_sums.as_of_date and campaigns.campaign_sk = daily_sums.campaign_sk
    left join generated on days.as_of_date = generated.as_of_date and campaigns.campaign_sk = generated.campaign_sk
    left join ordered on days.as_of_date = ordered.as_of_date and campaigns.campaign_sk = ordered.campaign_sk
    left join spent on days.as_of_date = spent.as_of_date and campaigns.campaign_sk = spent.campaign_sk
    where
        days.as_of_date >= campaigns.created_date
        or num_nonnulls(reach.impressions, daily_sums.clicks, generated.leads_generated, spent.spend) > 0
),

final as (
    select
        {{ surrogate_key(["'campaign_performance'", "measured.as_of_date", "measured.campaign_sk"]) }}
            as performance_sk,
        {{ date_key("measured.as_of_date") }} as date_sk,
        measured.as_of_date,
        measured.campaign_sk,
        measured.audience_size::integer as audience_size,
        measured.impressions::integer as impressions,
        measured.unique_reach::integer as unique_reach,
        measured.opens::integer as opens,
        measured.clicks::integer as clicks,
        round(measured.clicked_messages::numeric / nullif(measured.impressions, 0), 4) as click_through_rate,
        round(measured.engaged_messages::numeric / nullif(measured.impressions, 0), 4) as engagement_rate,
        measured.leads_generated::integer as leads_generated,
        measured.conversions::integer as conversions,
        round(measured.reached_conversions::numeric / nullif(measured.unique_reach, 0), 4) as conversion_rate,
        measured.orders_attributed::integer as orders_attributed,
        measured.revenue_attributed,
        measured.spend,
        round(measured.spend / nullif(measured.impressions, 0), 4) as cost_per_impression,
        round(measured.spend / nullif(measured.clicks, 0), 2) as cost_per_click,
        round(measured.spend / nullif(measured.leads_generated, 0), 2) as cost_per_lead,
        round(measured.spend / nullif(measured.conversions, 0), 2) as cost_per_acquisition,
        round(100 * (measured.revenue_attributed - measured.spend) / nullif(measured.spend, 0), 2)
            as roi_percentage,
        round(measured.revenue_attributed / nullif(measured.spend, 0), 2) as roas,
        measured.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from measured
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final
