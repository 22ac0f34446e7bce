select
    id as onboarding_journey_id,
    code as journey_code,
    name as journey_name,
    journey_type,
    steps as step_definitions,
    total_steps as step_count,
    max_duration_days,
    coalesce(auto_complete_on_purchase, false) as is_completed_by_purchase,
    coalesce(is_active, true) as is_active,
    company_id,
    created_at
from {{ known_rows("operational_onboarding_journey") }} as journeys
where company_id is null or {{ in_scope("company_id") }}
