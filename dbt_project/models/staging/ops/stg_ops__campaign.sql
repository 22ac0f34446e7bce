select
    campaigns.campaign_name,
    campaigns.title as campaign_title,
    campaigns.campaign_description,
    campaigns.campaign_type,
    campaigns.category,
    campaigns.is_service,
    campaigns.priority,
    campaigns.control_percent,
    campaigns.max_sends,
    campaigns.max_sends_days,
    campaigns.conversion_window_days,
    campaigns.last_enrolled_date,
    campaigns.removed_date
from {{ source("campaigns", "campaign") }} as campaigns
