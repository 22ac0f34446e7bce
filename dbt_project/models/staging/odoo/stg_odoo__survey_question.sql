select
    id as survey_question_id,
    survey_id,
    {{ translated("title") }} as question_text,
    question_type,
    sequence as question_order,
    scale_min,
    scale_max
from {{ known_rows("survey_question") }} as questions
where not coalesce(is_page, false)
