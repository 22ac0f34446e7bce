{# What customers wrote, apart from the models that everybody joins. References are those of int_feedback__scores; of
   surveys the participation, whose score stands in a line of its own. #}
with ratings as (
    select * from {{ known_rows("rating_rating") }} as ratings
),

answers as (
    select * from {{ known_rows("survey_user_input_line") }} as lines
),

questions as (
    select * from {{ known_rows("survey_question") }} as questions
),

nps_responses as (
    select * from {{ known_rows("operational_nps_response") }} as responses
),

csat_responses as (
    select * from {{ known_rows("operational_csat_response") }} as responses
),

every_text as (
    select
        'rating.rating,' || ratings.id as comment_reference,
        null::integer as survey_user_input_id,
        ratings.feedback as words
    from ratings
    union all
    select
        'survey.user_input.line,' || answers.id as comment_reference,
        answers.user_input_id as survey_user_input_id,
        coalesce(answers.value_text_box, answers.value_char_box) as words
    from answers
    left join questions on answers.question_id = questions.id
    where
        answers.answer_type in ('text_box', 'char_box')
        -- Questions for who one is, not for what one thinks.
        and not coalesce(questions.save_as_email, false)
        and not coalesce(questions.save_as_nickname, false)
        and not coalesce(questions.validation_email, false)
    union all
    select
        'operational.nps_response,' || nps_responses.id as comment_reference,
        null as survey_user_input_id,
        nps_responses.followup_response as words
    from nps_responses
    union all
    select
        'operational.csat_response,' || csat_responses.id as comment_reference,
        null as survey_user_input_id,
        csat_responses.comment as words
    from csat_responses
)

select * from every_text
where words ~ '\S'
