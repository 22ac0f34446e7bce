select
    id as campaign_recipient_id,
    campaign_id as email_campaign_id,
    customer_id as partner_id,
    lower(email_address) as email,
    ab_variant,
    status as recipient_status,
    status in ('sent', 'delivered', 'bounced') as is_handed_over,
    -- The sender need not report deliveries: what did not bounce has arrived, as in Odoo.
    status in ('sent', 'delivered') as is_delivered,
    status = 'bounced' as is_bounced,
    status = 'failed' as is_failed,
    bounce_type,
    sent_at,
    {{ business_date("sent_at") }} as sent_date,
    delivered_at,
    created_at,
    {{ business_date("created_at") }} as created_date
from {{ known_rows("operational_campaign_recipient") }} as recipients
