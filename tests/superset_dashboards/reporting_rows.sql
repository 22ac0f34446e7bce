-- The four reporting relations that the Segmentation dashboard reads, as plain tables with the rows of a
-- believable dairy: 5,000 customers, three published days. Same rows every time (md5 instead of random).
create schema reporting;

create table reporting.vw_publication as
select
    published.as_of_date,
    published.generation,
    published.as_of_date + interval '1 day 3 hours' as published_at,
    published.is_latest,
    published.is_reconstructed,
    'BDT'::text as reporting_currency
from (values
    (date '2026-10-31', 41::bigint, false, true),
    (date '2026-11-18', 58::bigint, false, false),
    (date '2026-11-19', 59::bigint, true, false)
) as published (as_of_date, generation, is_latest, is_reconstructed);

-- alter ... using: published_at carries a time zone in the real view
alter table reporting.vw_publication
alter column published_at type timestamptz using published_at at time zone 'UTC';

create table reporting.vw_customer_rfm as
with customers as (
    select
        numbers.number,
        -- three independent uniform numbers in (0, 1)
        (('x' || substr(md5(numbers.number || 'rhythm'), 1, 7))::bit(28)::int + 0.5) / 268435456 as rhythm,
        (('x' || substr(md5(numbers.number || 'silence'), 1, 7))::bit(28)::int + 0.5) / 268435456 as silence,
        (('x' || substr(md5(numbers.number || 'basket'), 1, 7))::bit(28)::int + 0.5) / 268435456 as basket
    from generate_series(1, 5000) as numbers (number)
),

behaviour as (
    select
        publication.as_of_date,
        publication.reporting_currency,
        customers.number,
        -- a mean gap between orders from 2 days (daily milk) to about 200
        (2 + 200 * power(customers.rhythm, 3))::numeric as mean_gap,
        least(
            720,
            floor(-ln(customers.silence) * (2 + 200 * power(customers.rhythm, 3))
                + case when customers.basket < 0.25 then 400 * customers.silence else 0 end)
        )::int + (date '2026-11-19' - publication.as_of_date) % 3 as days_since_last_order,
        (180 + 900 * power(customers.basket, 2))::numeric as basket_value
    from customers
    cross join reporting.vw_publication as publication
),

orders as (
    select
        behaviour.*,
        case
            when behaviour.days_since_last_order >= 365 then 0
            else 1 + floor((365 - behaviour.days_since_last_order) / behaviour.mean_gap)::int
        end as order_count
    from behaviour
),

scored as (
    select
        orders.*,
        round(orders.order_count * orders.basket_value, 2) as spend,
        case when orders.order_count = 0 then 1
            else ntile(5) over (partition by orders.as_of_date order by orders.days_since_last_order desc) end as r,
        case when orders.order_count = 0 then 1
            else ntile(5) over (partition by orders.as_of_date order by orders.order_count, orders.number) end as f,
        case when orders.order_count = 0 then 1
            else ntile(5) over (
                partition by orders.as_of_date order by orders.order_count * orders.basket_value
            ) end as m
    from orders
),

segmented as (
    select
        scored.*,
        case
            when r >= 4 and f >= 4 and m >= 4 then 'Champions'
            when r <= 2 and f >= 4 and m >= 4 then 'Cant Lose Them'
            when r <= 2 and f >= 3 and m >= 3 then 'At Risk'
            when r >= 3 and f >= 3 and m >= 4 then 'Loyal Customers'
            when r >= 3 and f >= 3 then 'Potential Loyalists'
            when r >= 4 then 'Recent Customers'
            when r = 3 and m >= 3 then 'Promising'
            when r = 1 and f = 1 and m = 1 then 'Lost'
            when r <= 2 and f <= 2 and m <= 2 then 'Hibernating'
            when r >= 2 and f >= 2 and m >= 2 then 'Needs Attention'
            when r >= 2 then 'About to Sleep'
            else 'Hibernating'
        end as rfm_segment
    from scored
)

select
    as_of_date,
    'C' || lpad(number::text, 6, '0') as customer_code,
    rfm_segment,
    case
        when rfm_segment in ('Champions', 'Loyal Customers') then 'High Value'
        when rfm_segment in ('Potential Loyalists', 'Recent Customers', 'Promising') then 'Growth Potential'
        when rfm_segment in ('Needs Attention', 'About to Sleep') then 'At Risk'
        else 'Recovery/Lost'
    end as value_tier,
    concat(r, f, m) as rfm_score,
    r as recency_score,
    f as frequency_score,
    m as monetary_score,
    days_since_last_order,
    as_of_date - days_since_last_order as last_order_date,
    order_count as order_count_365_days,
    spend as total_spend_365_days,
    case when order_count > 0 then round(basket_value, 2) end as avg_order_value,
    case when number % 40 = 0 then 'India' else 'Bangladesh' end as country,
    number % 12 = 0 as is_company,
    case when number % 9 = 0 then concat(r, f, least(m + 1, 5), '->', r, f, m) end as rfm_score_change,
    number % 27 = 0 as segment_changed,
    reporting_currency
from segmented;

create table reporting.vw_rfm_segment_summary as
select
    as_of_date,
    rfm_segment,
    count(*) as customer_count,
    round(100.0 * count(*) / sum(count(*)) over (partition by as_of_date), 1) as pct_of_customers,
    sum(total_spend_365_days) as total_revenue_365,
    round(avg(total_spend_365_days), 2) as avg_revenue_per_customer,
    round(avg(order_count_365_days), 1) as avg_orders_per_customer,
    round(sum(total_spend_365_days) / nullif(sum(order_count_365_days), 0), 2) as avg_order_value,
    round(avg(days_since_last_order), 0) as avg_days_since_last_order,
    count(*) filter (where days_since_last_order <= 30) as active_last_30_days,
    count(*) filter (where days_since_last_order > 90) as inactive_over_90_days,
    min(value_tier) as value_tier,
    sum(order_count_365_days) as total_orders_365,
    sum(count(*)) over (partition by as_of_date) as customers_of_day,
    min(reporting_currency) as reporting_currency
from reporting.vw_customer_rfm
group by as_of_date, rfm_segment;

create table reporting.vw_rfm_score_distribution as
select
    as_of_date,
    rfm_score,
    recency_score,
    frequency_score,
    monetary_score,
    rfm_segment as segment_name,
    rfm_segment,
    count(*) as customer_count,
    sum(total_spend_365_days) as total_revenue,
    avg(avg_order_value) as avg_aov,
    recency_score as r_axis,
    frequency_score as f_axis,
    sum(total_spend_365_days) as heat_value,
    min(reporting_currency) as reporting_currency
from reporting.vw_customer_rfm
group by as_of_date, rfm_score, recency_score, frequency_score, monetary_score, rfm_segment;
