select
    id as email_campaign_id,
    name as campaign_name,
    campaign_type as campaign_mechanism,
    status as campaign_status,
    is_ab_test,
    scheduled_date as scheduled_at,
    start_date as started_at,
    {{ business_date("start_date") }} as start_date,
    end_date as ended_at,
    {{ business_date("end_date") }} as end_date,
    company_id,
    created_at,
    {{ business_date("created_at") }} as created_date
from {{ known_rows("operational_email_campaign") }} as campaigns
where company_id is null or {{ in_scope("company_id") }}
