{{ config(key=["order_sk"]) }}

with sold as (
    select distinct
        sales.order_sk,
        sales.sale_source,
        sales.order_id
    from {{ latest("fact_sales") }} as sales
),

sale_channels as (
    select * from {{ ref("int_sales__channels") }}
),

utm_channels as (
    select * from {{ ref("int_utm__channels") }}
),

final as (
    select
        sold.order_sk,
        {{ surrogate_key(["'channel'", "sale_channels.channel_code"]) }} as channel_sk,
        case
            when utm_channels.channel_code is not null
                then {{ surrogate_key(["'channel'", "utm_channels.channel_code"]) }}
        end as utm_channel_sk,
        utm_channels.campaign_sk,
        utm_channels.source_name as utm_source_name
    from sold
    inner join sale_channels on sold.sale_source = sale_channels.sale_source and sold.order_id = sale_channels.order_id
    left join utm_channels on sold.sale_source = utm_channels.carrier and sold.order_id = utm_channels.carrier_id
)

select * from final
