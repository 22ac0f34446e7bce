select
    id as email_engagement_id,
    recipient_id as campaign_recipient_id,
    campaign_id as email_campaign_id,
    engagement_type,
    device_type,
    email_client,
    engaged_at,
    {{ business_date("engaged_at") }} as engagement_date
from {{ known_rows("operational_email_engagement") }} as engagements
