select
    id as nps_survey_id,
    code as survey_code,
    name as survey_name,
    trigger_type,
    coalesce(is_active, true) as is_active,
    cooldown_days,
    company_id,
    created_at
from {{ known_rows("operational_nps_survey") }} as surveys
where company_id is null or {{ in_scope("company_id") }}
