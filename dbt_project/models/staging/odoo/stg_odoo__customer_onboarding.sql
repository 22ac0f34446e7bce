select
    id as onboarding_id,
    customer_id as partner_id,
    journey_id as onboarding_journey_id,
    company_id,
    status as onboarding_status,
    current_step_index,
    started_at,
    {{ business_date("started_at") }} as start_date,
    completed_at,
    {{ business_date("completed_at") }} as completion_date,
    last_activity_at,
    {{ business_date("last_activity_at") }} as last_activity_date
from {{ known_rows("operational_customer_onboarding") }} as journeys_of_customers
where company_id is null or {{ in_scope("company_id") }}
