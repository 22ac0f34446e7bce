{{ config(key=["stat_date", "provider"]) }}

with mails as (
    select sends.*
    from {{ latest("fact_mailing_send") }} as sends
    inner join {{ latest("dim_interaction_channel") }} as channels on sends.channel_sk = channels.channel_sk
    where
        channels.channel_code = 'EMAIL'
        and (sends.is_sent or sends.is_failed)
        and sends.send_date is not null
),

summed as (
    select
        mails.send_date as stat_date,
        coalesce(mails.recipient_provider, 'Unknown') as provider,
        count(*) filter (where mails.is_sent) as total_sent,
        count(*) filter (where mails.is_delivered) as total_delivered,
        count(*) filter (where mails.is_bounced) as total_bounced,
        count(*) filter (where mails.is_bounced and mails.bounce_type = 'hard') as hard_bounces,
        count(*) filter (where mails.is_bounced and mails.bounce_type = 'soft') as soft_bounces,
        count(*) filter (where mails.is_bounced and mails.bounce_type is null) as unclassified_bounces,
        count(*) filter (where mails.is_failed) as total_failed,
        -- Odoo hears of no complaints.
        count(*) filter (where mails.is_delivered and mails.send_source = 'email_campaign') as complaint_base,
        count(mails.complaint_date) as complaints
    from mails
    group by mails.send_date, coalesce(mails.recipient_provider, 'Unknown')
),

final as (
    select
        {{ date_key("summed.stat_date") }} as date_sk,
        summed.stat_date,
        summed.provider,
        summed.total_sent::integer as total_sent,
        summed.total_delivered::integer as total_delivered,
        summed.total_bounced::integer as total_bounced,
        summed.hard_bounces::integer as hard_bounces,
        summed.soft_bounces::integer as soft_bounces,
        summed.unclassified_bounces::integer as unclassified_bounces,
        summed.total_failed::integer as total_failed,
        case when summed.complaint_base > 0 then summed.complaints::integer end as complaints,
        round(100.0 * summed.total_delivered / nullif(summed.total_sent, 0), 2) as delivery_rate,
        round(100.0 * summed.total_bounced / nullif(summed.total_sent, 0), 2) as bounce_rate,
        round(100.0 * summed.complaints / nullif(summed.complaint_base, 0), 4) as complaint_rate
    from summed
)

select * from final
