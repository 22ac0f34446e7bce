{{ config(key=["campaign_sk", "stat_date"]) }}

with sends as (
    select * from {{ latest("fact_mailing_send") }} as facts
    where facts.campaign_sk is not null
),

reactions as (
    select * from {{ ref("int_mailings__reactions") }} as all_reactions
    where all_reactions.campaign_sk is not null
),

sales as (
    select
        facts.*,
        origins.campaign_sk
    from {{ latest("fact_sales") }} as facts
    inner join {{ latest("dim_order_origin") }} as origins on facts.order_sk = origins.order_sk
    where origins.campaign_sk is not null
),

campaigns as (
    select * from {{ latest("dim_campaign") }} as dimension
),

-- Each message counts once, on the day of its first reaction of a kind: so days add up.
counted as (
    {% for measure, condition, day in [
        ("sent", "is_sent", "send_date"),
        ("delivered", "is_delivered", "send_date"),
        ("bounced", "is_bounced", "send_date"),
        ("unique_opens", "is_opened", "open_date"),
        ("unique_clicks", "is_clicked", "click_date"),
        ("unsubscribes", "unsubscribe_date is not null", "unsubscribe_date"),
        ("complaints", "complaint_date is not null", "complaint_date"),
    ] -%}
    select
        sends.campaign_sk,
        sends.{{ day }} as stat_date,
        '{{ measure }}' as measure,
        count(*)::numeric as amount
    from sends
    where sends.{{ condition }}
    group by sends.campaign_sk, sends.{{ day }}
    union all
    {% endfor -%}
    select
        reactions.campaign_sk,
        reactions.reaction_date as stat_date,
        'total_' || reactions.reaction_type || 's' as measure,
        count(*) as amount
    from reactions
    where reactions.reaction_type in ('open', 'click')
    group by reactions.campaign_sk, reactions.reaction_date, reactions.reaction_type
    union all
    select
        sales.campaign_sk,
        sales.sale_date as stat_date,
        'attributed_orders' as measure,
        count(distinct sales.order_sk) filter (where not sales.is_refund) as amount
    from sales
    group by sales.campaign_sk, sales.sale_date
    union all
    select
        sales.campaign_sk,
        sales.sale_date as stat_date,
        'attributed_revenue' as measure,
        sum(sales.net_amount) as amount
    from sales
    group by sales.campaign_sk, sales.sale_date
),

days as (
    select
        counted.campaign_sk,
        counted.stat_date
        {%- for measure in [
            "sent", "delivered", "bounced", "unique_opens", "total_opens", "unique_clicks", "total_clicks",
            "unsubscribes", "complaints", "attributed_orders",
        ] %},
        coalesce(sum(counted.amount) filter (where counted.measure = '{{ measure }}'), 0)::integer as {{ measure }}
        {%- endfor %},
        coalesce(sum(counted.amount) filter (where counted.measure = 'attributed_revenue'), 0) as attributed_revenue
    from counted
    -- Of what has no date at all nobody can say the day.
    where counted.stat_date is not null
    group by counted.campaign_sk, counted.stat_date
),

-- Openings come days after sendings: shares of one day's mean nothing, those of all days up to it do.
cumulated as (
    select
        days.*,
        sum(days.delivered) over up_to_day as delivered_so_far,
        sum(days.unique_opens) over up_to_day as opens_so_far,
        sum(days.unique_clicks) over up_to_day as clicks_so_far,
        sum(days.unsubscribes) over up_to_day as unsubscribes_so_far
    from days
    window up_to_day as (partition by days.campaign_sk order by days.stat_date)
),

final as (
    select
        cumulated.campaign_sk,
        {{ date_key("cumulated.stat_date") }} as date_sk,
        cumulated.stat_date,
        cumulated.sent,
        cumulated.delivered,
        cumulated.bounced,
        cumulated.unique_opens,
        cumulated.total_opens,
        cumulated.unique_clicks,
        cumulated.total_clicks,
        cumulated.unsubscribes,
        case when campaigns.campaign_source = 'email_campaign' then cumulated.complaints end as complaints,
        round(100.0 * cumulated.opens_so_far / nullif(cumulated.delivered_so_far, 0), 2) as open_rate,
        round(100.0 * cumulated.clicks_so_far / nullif(cumulated.delivered_so_far, 0), 2) as click_rate,
        round(100.0 * cumulated.clicks_so_far / nullif(cumulated.opens_so_far, 0), 2) as click_to_open_rate,
        round(100.0 * cumulated.unsubscribes_so_far / nullif(cumulated.delivered_so_far, 0), 2) as unsubscribe_rate,
        round(cumulated.attributed_revenue, 2) as attributed_revenue,
        cumulated.attributed_orders
    from cumulated
    inner join campaigns on cumulated.campaign_sk = campaigns.campaign_sk
)

select * from final
