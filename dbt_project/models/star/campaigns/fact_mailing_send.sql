{{
    config(
        key=["mailing_send_sk"],
        reader_indexes=[["campaign_sk"], ["customer_sk"], ["send_date"]],
    )
}}

with messages as (
    select
        all_messages.*,
        split_part(all_messages.email, '@', 2) as email_domain
    from {{ ref("int_mailings__messages") }} as all_messages
),

reactions as (
    select
        all_reactions.send_source,
        all_reactions.send_id,
        min(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'open') as opened_at,
        min(all_reactions.reaction_date) filter (where all_reactions.reaction_type = 'open') as open_date,
        count(*) filter (where all_reactions.reaction_type = 'open') as open_count,
        min(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'click') as clicked_at,
        min(all_reactions.reaction_date) filter (where all_reactions.reaction_type = 'click') as click_date,
        max(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'click') as last_clicked_at,
        count(*) filter (where all_reactions.reaction_type = 'click') as click_count,
        min(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'reply') as replied_at,
        min(all_reactions.reaction_date) filter (where all_reactions.reaction_type = 'reply') as reply_date,
        min(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'unsubscribe') as unsubscribed_at,
        min(all_reactions.reaction_date) filter (where all_reactions.reaction_type = 'unsubscribe')
            as unsubscribe_date,
        min(all_reactions.reacted_at) filter (where all_reactions.reaction_type = 'complaint') as complained_at,
        min(all_reactions.reaction_date) filter (where all_reactions.reaction_type = 'complaint') as complaint_date
    from {{ ref("int_mailings__reactions") }} as all_reactions
    where all_reactions.send_id is not null
    group by all_reactions.send_source, all_reactions.send_id
),

providers as (
    select distinct on (domains.email_domain)
        domains.email_domain,
        patterns.provider
    from (select distinct messages.email_domain from messages) as domains
    inner join {{ ref("mail_provider") }} as patterns on domains.email_domain like patterns.domain_pattern
    order by domains.email_domain, length(patterns.domain_pattern) desc, patterns.domain_pattern
),

identified as (
    select
        messages.*,
        case
            when messages.customer_id is not null then {{ surrogate_key(["'customer'", "messages.customer_id"]) }}
        end as customer_sk
    from messages
),

final as (
    select
        {{ surrogate_key(["identified.send_source", "identified.send_id"]) }} as mailing_send_sk,
        identified.send_source,
        identified.send_id,
        identified.mailing_id,
        identified.campaign_sk,
        {{ surrogate_key(["'channel'", "identified.channel_code"]) }} as channel_sk,
        identified.customer_sk,
        coalesce(identified.customer_sk, {{ surrogate_key(["'recipient'", "identified.recipient"]) }})
            as recipient_sk,
        {{ date_key("identified.send_date") }} as date_sk,
        identified.send_date,
        case
            when identified.channel_code = 'EMAIL' and identified.email_domain <> ''
                then coalesce(providers.provider, 'Other')
        end as recipient_provider,
        identified.is_handed_over as is_sent,
        identified.is_delivered,
        identified.is_bounced,
        identified.bounce_type,
        identified.is_failed,
        identified.is_cancelled,
        identified.failure_type,
        identified.is_delivered and reactions.opened_at is not null as is_opened,
        identified.is_delivered and reactions.clicked_at is not null as is_clicked,
        identified.is_delivered and reactions.replied_at is not null as is_replied,
        identified.sent_at,
        identified.delivered_at,
        reactions.opened_at,
        reactions.open_date,
        coalesce(reactions.open_count, 0)::integer as open_count,
        reactions.clicked_at,
        reactions.click_date,
        reactions.last_clicked_at,
        coalesce(reactions.click_count, 0)::integer as click_count,
        reactions.replied_at,
        reactions.reply_date,
        reactions.unsubscribed_at,
        reactions.unsubscribe_date,
        reactions.complained_at,
        reactions.complaint_date
    from identified
    left join reactions
        on identified.send_source = reactions.send_source and identified.send_id = reactions.send_id
    left join providers on identified.email_domain = providers.email_domain
)

select * from final
