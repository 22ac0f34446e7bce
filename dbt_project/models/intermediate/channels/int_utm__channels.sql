{{ config(materialized="table") }}

with rules as (
    select
        utm_rules.priority,
        utm_rules.utm_field,
        utm_rules.channel_code,
        {{ words("utm_rules.pattern") }} as pattern_words
    from {{ ref("utm_channel_rule") }} as utm_rules
),

named as (
    select
        'medium' as utm_field,
        media.medium_id as utm_id,
        {{ words("media.medium_name") }} as name_words
    from {{ ref("stg_odoo__utm_medium") }} as media
    union all
    select
        'source' as utm_field,
        sources.source_id as utm_id,
        {{ words("sources.source_name") }} as name_words
    from {{ ref("stg_odoo__utm_source") }} as sources
),

decided as (
    select distinct on (named.utm_field, named.utm_id)
        named.utm_field,
        named.utm_id,
        rules.priority,
        rules.channel_code
    from named
    inner join rules
        on named.utm_field = rules.utm_field and named.name_words like '%' || rules.pattern_words || '%'
    order by named.utm_field, named.utm_id, rules.priority
),

mailings as (
    select * from {{ ref("int_campaigns__mailings") }}
),

-- Odoo gives every mailing a source of its own.
mailing_of_source as (
    select distinct on (mailings.source_id)
        mailings.source_id,
        mailings.campaign_sk,
        mailings.channel_code
    from mailings
    where mailings.source_id is not null
    order by mailings.source_id, mailings.mailing_id
),

campaigns as (
    select * from {{ ref("int_campaigns__campaigns") }} as known_campaigns
    where known_campaigns.campaign_source = 'utm'
),

carriers as (
    select
        'order' as carrier,
        orders.order_id as carrier_id,
        orders.campaign_id,
        orders.source_id,
        orders.medium_id
    from {{ ref("stg_odoo__sale_order") }} as orders
    union all
    select
        'manual_invoice' as carrier,
        moves.move_id as carrier_id,
        moves.campaign_id,
        moves.source_id,
        moves.medium_id
    from {{ ref("stg_odoo__account_move") }} as moves
    union all
    select
        'lead' as carrier,
        leads.lead_id as carrier_id,
        leads.campaign_id,
        leads.source_id,
        leads.medium_id
    from {{ ref("stg_odoo__crm_lead") }} as leads
),

marked as (
    select * from carriers
    where carriers.campaign_id is not null or carriers.source_id is not null or carriers.medium_id is not null
),

final as (
    select
        marked.carrier,
        marked.carrier_id,
        coalesce(
            mailing_of_source.channel_code,
            case
                when least(medium_rule.priority, source_rule.priority) = medium_rule.priority
                    then medium_rule.channel_code
                else source_rule.channel_code
            end,
            campaigns.channel_code,
            'OTHER'
        ) as channel_code,
        coalesce(campaigns.campaign_sk, mailing_of_source.campaign_sk) as campaign_sk,
        sources.source_name
    from marked
    left join decided as medium_rule
        on medium_rule.utm_field = 'medium' and marked.medium_id = medium_rule.utm_id
    left join decided as source_rule
        on source_rule.utm_field = 'source' and marked.source_id = source_rule.utm_id
    left join mailing_of_source on marked.source_id = mailing_of_source.source_id
    left join campaigns on marked.campaign_id = campaigns.campaign_id
    left join {{ ref("stg_odoo__utm_source") }} as sources on marked.source_id = sources.source_id
)

select * from final
