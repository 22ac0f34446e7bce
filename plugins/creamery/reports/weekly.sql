-- One row per figure of the weekly report, in its order. Flows are sums of seven days beside the seven before, as the
-- day knows both; what describes customers is of the day beside the day a week earlier, where that is published.
with moments as (
    select
        %(day)s::date as day,
        %(day)s::date - 7 as week_before
),

sales as (
    select
        sum(sales.net_revenue) filter (where sales.sale_date > moments.week_before) as net_revenue,
        sum(sales.net_revenue) filter (where sales.sale_date <= moments.week_before) as net_revenue_before,
        sum(sales.order_count) filter (where sales.sale_date > moments.week_before) as orders,
        sum(sales.order_count) filter (where sales.sale_date <= moments.week_before) as orders_before,
        sum(sales.refunded) filter (where sales.sale_date > moments.week_before) as refunded,
        sum(sales.refunded) filter (where sales.sale_date <= moments.week_before) as refunded_before
    from moments
    inner join reporting.vw_sales_daily as sales
        on sales.as_of_date = moments.day and sales.sale_date > moments.week_before - 7
),

carts as (
    select
        sum(carts.cart_count) filter (where carts.cart_date > moments.week_before) as begun,
        sum(carts.cart_count) filter (where carts.cart_date <= moments.week_before) as begun_before,
        sum(carts.cart_value) filter (
            where carts.cart_date > moments.week_before and carts.outcome in ('abandoned', 'expired')
        ) as left_value,
        sum(carts.cart_value) filter (
            where carts.cart_date <= moments.week_before and carts.outcome in ('abandoned', 'expired')
        ) as left_value_before
    from moments
    inner join reporting.vw_cart_daily as carts
        on carts.as_of_date = moments.day and carts.cart_date > moments.week_before - 7
),

messages as (
    select
        sum(stats.sent) filter (where stats.stat_date > moments.week_before) as sent,
        sum(stats.sent) filter (where stats.stat_date <= moments.week_before) as sent_before,
        sum(stats.attributed_revenue) filter (where stats.stat_date > moments.week_before) as revenue,
        sum(stats.attributed_revenue) filter (where stats.stat_date <= moments.week_before) as revenue_before
    from moments
    inner join reporting.vw_campaign_daily_stats as stats
        on stats.as_of_date = moments.day and stats.stat_date > moments.week_before - 7
),

segments as (
    select
        segments.rfm_segment,
        min(segments.value_tier) as value_tier,
        sum(segments.customer_count) filter (where segments.as_of_date = moments.day) as customers,
        sum(segments.customer_count) filter (where segments.as_of_date = moments.week_before) as customers_before,
        sum(segments.active_last_30_days) filter (where segments.as_of_date = moments.day) as active,
        sum(segments.active_last_30_days) filter (where segments.as_of_date = moments.week_before) as active_before,
        sum(segments.total_revenue_365) filter (where segments.as_of_date = moments.day) as revenue
    from moments
    inner join reporting.vw_rfm_segment_summary as segments
        on segments.as_of_date in (moments.day, moments.week_before)
    group by segments.rfm_segment
),

risks as (
    select
        sum(risks.expected_churners) filter (where risks.as_of_date = moments.day) as churners,
        sum(risks.expected_churners) filter (where risks.as_of_date = moments.week_before) as churners_before,
        sum(risks.value_at_risk) filter (where risks.as_of_date = moments.day) as value_at_risk,
        sum(risks.value_at_risk) filter (where risks.as_of_date = moments.week_before) as value_at_risk_before
    from moments
    inner join reporting.vw_churn_risk_overview as risks
        on risks.as_of_date in (moments.day, moments.week_before) and risks.is_still_active
),

goals as (
    select
        now.kpi_name,
        case now.unit when 'percent' then 'percent' else 'points' end as unit,
        now.kpi_value,
        earlier.kpi_value as kpi_value_before
    from moments
    inner join reporting.vw_kpi as now on now.as_of_date = moments.day
    left join reporting.vw_kpi as earlier
        on earlier.as_of_date = moments.week_before and earlier.kpi_code = now.kpi_code
    where now.kpi_value is not null
),

figures as (
    select
        1 as section_position, 'Sales in seven days' as section, rows.position,
        rows.label, rows.unit, rows.value, rows.before
    from sales
    cross join lateral (
        values
        (1, 'Net revenue', 'money', coalesce(sales.net_revenue, 0), coalesce(sales.net_revenue_before, 0)),
        (2, 'Orders', 'count', coalesce(sales.orders, 0), coalesce(sales.orders_before, 0)),
        (3, 'Refunds', 'money', coalesce(sales.refunded, 0), coalesce(sales.refunded_before, 0))
    ) as rows (position, label, unit, value, before)
    union all
    select 2, 'Web carts and campaigns in seven days', rows.*
    from carts
    cross join messages
    cross join lateral (
        values
        (1, 'Carts begun', 'count', coalesce(carts.begun, 0), coalesce(carts.begun_before, 0)),
        (2, 'Worth of carts left', 'money', coalesce(carts.left_value, 0), coalesce(carts.left_value_before, 0)),
        (3, 'Messages sent', 'count', coalesce(messages.sent, 0), coalesce(messages.sent_before, 0)),
        (
            4, 'Net revenue that carries a campaign', 'money',
            coalesce(messages.revenue, 0), coalesce(messages.revenue_before, 0)
        )
    ) as rows (position, label, unit, value, before)
    union all
    select 3, 'Customers', rows.*
    from (
        select
            sum(segments.customers) as customers,
            sum(segments.customers_before) as customers_before,
            sum(segments.active) as active,
            sum(segments.active_before) as active_before
        from segments
    ) as totals
    cross join risks
    cross join lateral (
        values
        (1, 'Customers who ever bought', 'count', totals.customers, totals.customers_before),
        (2, 'Ordered in 30 days', 'count', totals.active, totals.active_before),
        (3, 'Of the active, expected to leave', 'count', round(risks.churners), round(risks.churners_before)),
        (4, 'Value of a year at risk', 'money', risks.value_at_risk, risks.value_at_risk_before)
    ) as rows (position, label, unit, value, before)
    union all
    select
        4, 'Customers by segment', row_number() over (order by segments.revenue desc nulls last, segments.rfm_segment),
        segments.rfm_segment, 'count', segments.customers, segments.customers_before
    from segments
    union all
    select
        5, 'Goals', row_number() over (order by goals.kpi_name),
        goals.kpi_name, goals.unit, goals.kpi_value, goals.kpi_value_before
    from goals
    union all
    select 6, 'The data behind it', rows.*
    from (
        select
            (
                select count(*) from reporting.vw_source_reconciliation as totals
                where totals.verdict not in ('agrees', 'stale')
            ) as disagreeing,
            (select count(*) from reporting.vw_pipeline_table as tables where tables.state = 'stopped') as stopped,
            (select coalesce(sum(tables.quarantined_rows), 0) from reporting.vw_pipeline_table as tables)
                as quarantined
    ) as checks
    cross join lateral (
        values
        (1, 'Totals of source and warehouse that disagree', 'count', checks.disagreeing::numeric, null::numeric),
        (2, 'Tables that keep older rows', 'count', checks.stopped, null),
        (3, 'Rows in quarantine', 'count', checks.quarantined, null)
    ) as rows (position, label, unit, value, before)
)

select
    figures.section,
    figures.label,
    figures.unit,
    figures.value::numeric,
    figures.before::numeric
from figures
order by figures.section_position, figures.position
