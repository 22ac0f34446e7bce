select
    campaigns.id as campaign_id,
    campaigns.name as campaign_code,
    coalesce({{ translated("campaigns.title") }}, campaigns.name) as campaign_name,
    {{ translated("stages.name") }} as stage_name,
    campaigns.user_id as responsible_user_id,
    campaigns.company_id,
    coalesce(campaigns.is_auto_campaign, false) as is_made_by_odoo,
    not coalesce(campaigns.active, true) as is_archived,
    campaigns.create_date as created_at,
    {{ business_date("campaigns.create_date") }} as created_date
from {{ known_rows("utm_campaign") }} as campaigns
left join {{ known_rows("utm_stage") }} as stages on campaigns.stage_id = stages.id
