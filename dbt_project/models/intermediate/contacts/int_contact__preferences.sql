{{ config(materialized="table") }}

{# A choice made for a partner, in any company, counts for it; the strictest of several wins. #}
with preferences as (
    select * from {{ ref("stg_odoo__email_subscription_preference") }}
),

points as (
    select * from {{ ref("int_contact__points") }}
),

found as (
    select
        points.customer_id,
        points.channel,
        preferences.preference_id
    from points
    inner join preferences
        on preferences.partner_id in (points.partner_id, points.customer_id)
    union distinct
    select
        points.customer_id,
        points.channel,
        preferences.preference_id
    from points
    inner join preferences on points.channel = 'email' and points.address = preferences.email
),

refused as (
    select
        found.customer_id,
        found.channel,
        array_agg(distinct categories.category order by categories.category) as refused_categories
    from found
    inner join preferences on found.preference_id = preferences.preference_id
    cross join lateral unnest(preferences.refused_categories) as categories (category)
    group by found.customer_id, found.channel
),

chosen as (
    select
        found.customer_id,
        found.channel,
        bool_and(preferences.is_subscribed) as is_subscribed,
        bool_and(
            case found.channel when 'sms' then preferences.is_sms_enabled else preferences.is_email_enabled end
        ) as is_channel_enabled,
        case
            when bool_or(preferences.preferred_frequency = 'low') then 'low'
            when bool_and(preferences.preferred_frequency = 'high') then 'high'
            else 'normal'
        end as preferred_frequency
    from found
    inner join preferences on found.preference_id = preferences.preference_id
    group by found.customer_id, found.channel
),

final as (
    select
        chosen.*,
        coalesce(refused.refused_categories, '{}') as refused_categories
    from chosen
    left join refused on chosen.customer_id = refused.customer_id and chosen.channel = refused.channel
)

select * from final
