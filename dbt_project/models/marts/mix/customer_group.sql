{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with lifecycle as (
    select * from {{ latest("customer_lifecycle") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

rfm as (
    select * from {{ latest("fact_customer_rfm") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

acquisitions as (
    select * from {{ latest("fact_customer_acquisition") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

customers as (
    select * from {{ latest("dim_customer") }} as dimension
),

segments as (
    select * from {{ latest("dim_customer_segment") }} as dimension
),

tiers as (
    select * from {{ latest("dim_customer_tier") }} as dimension
),

channels as (
    select * from {{ latest("dim_interaction_channel") }} as dimension
),

final as (
    select
        {{ date_key("lifecycle.as_of_date") }} as date_sk,
        lifecycle.as_of_date,
        lifecycle.customer_sk,
        coalesce(segments.segment_name, 'No order yet') as rfm_segment,
        coalesce(tiers.tier_name, 'No tier') as tier_name,
        coalesce(customers.country_name, 'Unknown') as country,
        coalesce(channels.channel_name, 'Unknown') as acquisition_channel,
        lifecycle.is_reconstructed
    from lifecycle
    left join rfm on lifecycle.as_of_date = rfm.as_of_date and lifecycle.customer_sk = rfm.customer_sk
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    left join values_of_customers
        on
            lifecycle.as_of_date = values_of_customers.as_of_date
            and lifecycle.customer_sk = values_of_customers.customer_sk
    left join tiers on values_of_customers.tier_sk = tiers.tier_sk
    left join acquisitions
        on lifecycle.as_of_date = acquisitions.as_of_date and lifecycle.customer_sk = acquisitions.customer_sk
    left join channels on acquisitions.channel_sk = channels.channel_sk
    left join customers
        on
            lifecycle.customer_sk = customers.customer_sk
            and lifecycle.as_of_date between customers.valid_from_date and customers.valid_to_date
)

select * from final
