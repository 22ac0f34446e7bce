with days as (
    select unnest(array[{{ as_of_dates() }}]) as as_of_date
),

orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.customer_sk is not null
),

leads as (
    select * from {{ latest("fact_lead_funnel") }} as facts
    where facts.customer_sk is not null
),

touchpoints as (
    select * from {{ ref("acquisition_touchpoints") }}
),

-- The first order that was not given back; failing that the first one.
first_orders as (
    select distinct on (days.as_of_date, orders.customer_sk)
        days.as_of_date,
        orders.customer_sk,
        orders.order_sk,
        orders.ordered_at,
        orders.order_date,
        orders.sold_net_amount,
        orders.counted_days @> days.as_of_date as is_conversion,
        min(orders.order_date) over (partition by days.as_of_date, orders.customer_sk) as earliest_order_date
    from days
    inner join orders on days.as_of_date >= orders.order_date
    order by
        days.as_of_date,
        orders.customer_sk,
        orders.counted_days @> days.as_of_date desc,
        orders.ordered_at,
        orders.order_sk
),

-- What a buyer asks for later wins no customer.
first_leads as (
    select distinct on (days.as_of_date, leads.customer_sk)
        days.as_of_date,
        leads.customer_sk,
        leads.lead_sk,
        leads.utm_channel_sk,
        leads.campaign_sk,
        leads.utm_source_name,
        leads.lead_created_date,
        case when leads.contacted_date <= days.as_of_date then leads.contacted_date end as first_contact_date
    from days
    inner join leads on days.as_of_date >= leads.lead_created_date
    left join first_orders
        on
            first_orders.is_conversion
            and days.as_of_date = first_orders.as_of_date
            and leads.customer_sk = first_orders.customer_sk
    where first_orders.ordered_at is null or leads.lead_created_at <= first_orders.ordered_at
    order by days.as_of_date, leads.customer_sk, leads.lead_created_at, leads.lead_sk
),

persons as (
    select
        as_of_date,
        customer_sk
    from first_orders
    union distinct
    select
        as_of_date,
        customer_sk
    from first_leads
),

touched as (
    select
        persons.as_of_date,
        persons.customer_sk,
        count(*) as touchpoints_count,
        (array_agg(touchpoints.touchpoint order by touchpoints.touched_at, touchpoints.touchpoint))[1]
            as first_touchpoint
    from persons
    inner join touchpoints
        on persons.customer_sk = touchpoints.customer_sk and persons.as_of_date >= touchpoints.touch_date
    left join first_orders
        on
            first_orders.is_conversion
            and persons.as_of_date = first_orders.as_of_date
            and persons.customer_sk = first_orders.customer_sk
    where
        first_orders.order_sk is null
        or (
            touchpoints.touched_at <= first_orders.ordered_at
            -- The order itself, while it was a cart.
            and touchpoints.became_order_sk is distinct from first_orders.order_sk
        )
    group by persons.as_of_date, persons.customer_sk
),

final as (
    select
        persons.as_of_date,
        persons.customer_sk,
        coalesce(
            first_leads.utm_channel_sk,
            origins.utm_channel_sk,
            origins.channel_sk,
            {{ surrogate_key(["'channel'", "'UNKNOWN'"]) }}
        ) as channel_sk,
        case
            when first_leads.utm_channel_sk is not null then first_leads.campaign_sk
            else origins.campaign_sk
        end as campaign_sk,
        case
            when first_leads.utm_channel_sk is not null then first_leads.utm_source_name
            else origins.utm_source_name
        end as acquisition_source,
        first_leads.utm_source_name as lead_source,
        coalesce(touched.first_touchpoint, 'order') as first_touchpoint,
        coalesce(touched.touchpoints_count, 0) as touchpoints_count,
        least(first_leads.lead_created_date, first_orders.earliest_order_date) as acquisition_date,
        first_leads.lead_sk,
        first_leads.lead_created_date,
        first_leads.first_contact_date,
        case when first_orders.is_conversion then first_orders.order_sk end as first_order_sk,
        case when first_orders.is_conversion then first_orders.order_date end as first_order_date,
        case when first_orders.is_conversion then first_orders.sold_net_amount end as first_order_value
    from persons
    left join first_leads
        on persons.as_of_date = first_leads.as_of_date and persons.customer_sk = first_leads.customer_sk
    left join first_orders
        on persons.as_of_date = first_orders.as_of_date and persons.customer_sk = first_orders.customer_sk
    left join touched on persons.as_of_date = touched.as_of_date and persons.customer_sk = touched.customer_sk
    left join {{ latest("dim_order_origin") }} as origins on first_orders.order_sk = origins.order_sk
)

select * from final
