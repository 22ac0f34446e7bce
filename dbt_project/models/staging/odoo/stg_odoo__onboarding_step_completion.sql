select
    id as onboarding_step_completion_id,
    onboarding_id,
    step_id as step_code,
    status as step_status,
    completed_at,
    {{ business_date("completed_at") }} as completion_date,
    coalesce(content_viewed, false) as is_content_viewed,
    time_spent_seconds,
    milestone_value
from {{ known_rows("operational_onboarding_step_completion") }} as completions
