select
    lines.id as survey_answer_id,
    lines.user_input_id as survey_user_input_id,
    lines.question_id as survey_question_id,
    lines.answer_type,
    lines.suggested_answer_id,
    lines.matrix_row_id as matrix_row_answer_id,
    coalesce(lines.value_scale, lines.value_numerical_box) as number_value,
    lines.value_date as date_value,
    lines.value_datetime as moment_value,
    lines.answer_score,
    lines.create_date as created_at,
    {{ business_date("lines.create_date") }} as created_date
from {{ known_rows("survey_user_input_line") }} as lines
inner join {{ known_rows("survey_user_input") }} as inputs on lines.user_input_id = inputs.id
where not coalesce(lines.skipped, false) and not coalesce(inputs.test_entry, false)
