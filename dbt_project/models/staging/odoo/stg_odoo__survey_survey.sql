select
    id as survey_id,
    {{ translated("title") }} as survey_name,
    survey_type,
    not coalesce(active, true) as is_archived
from {{ known_rows("survey_survey") }} as surveys
