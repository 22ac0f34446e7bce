{{ config(key=["channel_sk"]) }}

with channels as (
    select * from {{ ref("interaction_channel") }}
),

final as (
    select
        {{ surrogate_key(["'channel'", "channels.channel_code"]) }} as channel_sk,
        channels.channel_code,
        channels.channel_name,
        channels.channel_type,
        channels.channel_category,
        channels.is_online,
        channels.cost_per_interaction,
        channels.cost_currency,
        channels.is_active
    from channels
)

select * from final
