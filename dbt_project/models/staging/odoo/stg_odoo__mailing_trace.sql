{# Odoo keeps the highest state a message reached: an opened one is no longer 'sent', a bounced one was handed over. #}
select
    id as mailing_trace_id,
    mass_mailing_id as mailing_id,
    campaign_id,
    trace_type as channel,
    model as recipient_model,
    res_id as recipient_id,
    lower(email) as email,
    sms_number as phone_normalized,
    trace_status,
    trace_status in ('sent', 'open', 'reply', 'bounce') as is_handed_over,
    trace_status in ('sent', 'open', 'reply') as is_delivered,
    trace_status in ('open', 'reply') as is_opened,
    links_click_datetime is not null as is_clicked,
    trace_status = 'reply' as is_replied,
    trace_status = 'bounce' as is_bounced,
    trace_status = 'error' as is_failed,
    trace_status = 'cancel' as is_cancelled,
    failure_type,
    sent_datetime as sent_at,
    {{ business_date("sent_datetime") }} as sent_date,
    open_datetime as opened_at,
    reply_datetime as replied_at,
    links_click_datetime as last_clicked_at,
    create_date as created_at
from {{ known_rows("mailing_trace") }} as traces
where not coalesce(is_test_trace, false)
