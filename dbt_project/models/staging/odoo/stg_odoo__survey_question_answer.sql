select
    id as suggested_answer_id,
    coalesce(question_id, matrix_question_id) as survey_question_id,
    {{ translated("value") }} as answer_text,
    sequence as answer_order,
    answer_score
from {{ known_rows("survey_question_answer") }} as answers
