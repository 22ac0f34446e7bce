{{ config(materialized="table") }}

{# Scores that customers gave, of any source, on the scale that they were given on. Staff are never asked. #}
with questions as (
    select * from {{ ref("stg_odoo__survey_question") }}
),

suggested_answers as (
    select * from {{ ref("stg_odoo__survey_question_answer") }}
),

participations as (
    select * from {{ ref("stg_odoo__survey_user_input") }}
),

answers as (
    select * from {{ ref("stg_odoo__survey_user_input_line") }}
),

surveys as (
    select * from {{ ref("stg_odoo__survey_survey") }}
),

ratings as (
    select * from {{ ref("stg_odoo__rating_rating") }}
),

nps_responses as (
    select * from {{ ref("stg_odoo__nps_response") }}
),

nps_surveys as (
    select * from {{ ref("stg_odoo__nps_survey") }}
),

csat_responses as (
    select * from {{ ref("stg_odoo__csat_response") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

addresses as (
    select * from {{ ref("int_customer__addresses") }}
),

-- Before Odoo 18 there are no scales: eleven answers from 0 to 10 make one.
choices_of_eleven as (
    select suggested_answers.survey_question_id
    from suggested_answers
    group by suggested_answers.survey_question_id
    having
        count(*) = 11
        and count(distinct suggested_answers.answer_text) filter (
            where suggested_answers.answer_text ~ '^(\d|10)$'
        ) = 11
),

score_questions as (
    select
        questions.survey_question_id,
        questions.survey_id,
        case when questions.question_type = 'scale' then questions.scale_min else 0 end as scale_min,
        case when questions.question_type = 'scale' then questions.scale_max else 10 end as scale_max
    from questions
    left join choices_of_eleven on questions.survey_question_id = choices_of_eleven.survey_question_id
    where
        questions.question_type = 'scale'
        or (questions.question_type = 'simple_choice' and choices_of_eleven.survey_question_id is not null)
),

comments as (
    select distinct answers.survey_user_input_id
    from answers
    where answers.answer_type in ('text_box', 'char_box')
),

survey_scores as (
    select
        'survey' as feedback_source,
        'survey.user_input.line,' || answers.survey_answer_id as reference,
        case when score_questions.scale_min = 0 and score_questions.scale_max = 10 then 'nps' else 'csat' end
            as feedback_type,
        participations.partner_id,
        participations.email,
        coalesce(answers.number_value, suggested_answers.answer_text::numeric) as score,
        score_questions.scale_min,
        score_questions.scale_max,
        'survey' as context_type,
        score_questions.survey_id as context_id,
        surveys.survey_name,
        null::integer as order_id,
        null::integer as company_id,
        comments.survey_user_input_id is not null as has_comment,
        coalesce(participations.finished_at, answers.created_at) as answered_at,
        coalesce(participations.finish_date, answers.created_date) as answer_date
    from answers
    inner join score_questions on answers.survey_question_id = score_questions.survey_question_id
    inner join participations on answers.survey_user_input_id = participations.survey_user_input_id
    inner join surveys on score_questions.survey_id = surveys.survey_id
    left join suggested_answers on answers.suggested_answer_id = suggested_answers.suggested_answer_id
    left join comments on answers.survey_user_input_id = comments.survey_user_input_id
    where participations.is_finished
),

rating_scores as (
    select
        'rating' as feedback_source,
        'rating.rating,' || ratings.rating_id as reference,
        'csat' as feedback_type,
        ratings.partner_id,
        null as email,
        ratings.rating_value as score,
        1 as scale_min,
        5 as scale_max,
        case
            when ratings.rated_model like 'product.%' then 'product'
            when ratings.rated_model in ('sale.order', 'pos.order') then 'order'
            when ratings.rated_model like 'stock.picking%' then 'delivery'
            when ratings.rated_model in ('helpdesk.ticket', 'project.task', 'discuss.channel', 'mail.channel')
                then 'support'
            else 'other'
        end as context_type,
        ratings.rated_record_id as context_id,
        null as survey_name,
        case when ratings.rated_model = 'sale.order' then ratings.rated_record_id end as order_id,
        null::integer as company_id,
        ratings.has_comment,
        ratings.rated_at as answered_at,
        ratings.rating_date as answer_date
    from ratings
),

addon_scores as (
    select
        'addon' as feedback_source,
        'operational.nps_response,' || nps_responses.nps_response_id as reference,
        'nps' as feedback_type,
        nps_responses.partner_id,
        null as email,
        nps_responses.nps_score as score,
        0 as scale_min,
        10 as scale_max,
        case when nps_responses.order_id is null then 'survey' else 'order' end as context_type,
        coalesce(nps_responses.order_id, nps_responses.nps_survey_id) as context_id,
        nps_surveys.survey_name,
        nps_responses.order_id,
        nps_responses.company_id,
        nps_responses.has_comment,
        nps_responses.responded_at as answered_at,
        nps_responses.response_date as answer_date
    from nps_responses
    left join nps_surveys on nps_responses.nps_survey_id = nps_surveys.nps_survey_id
    union all
    select
        'addon' as feedback_source,
        'operational.csat_response,' || csat_responses.csat_response_id as reference,
        'csat' as feedback_type,
        csat_responses.partner_id,
        null as email,
        csat_responses.csat_score as score,
        1 as scale_min,
        5 as scale_max,
        csat_responses.context_type,
        csat_responses.context_id,
        null as survey_name,
        case when csat_responses.context_type = 'order' then csat_responses.context_id end as order_id,
        csat_responses.company_id,
        csat_responses.has_comment,
        csat_responses.responded_at as answered_at,
        csat_responses.response_date as answer_date
    from csat_responses
),

scores as (
    select * from survey_scores
    union all
    select * from rating_scores
    union all
    select * from addon_scores
),

final as (
    select
        scores.feedback_source,
        scores.reference,
        scores.feedback_type,
        coalesce(contacts.customer_id, addresses.customer_id) as customer_id,
        scores.score,
        scores.scale_min,
        scores.scale_max,
        scores.context_type,
        scores.context_id,
        scores.survey_name,
        scores.order_id,
        scores.company_id,
        scores.has_comment,
        scores.answered_at,
        scores.answer_date
    from scores
    left join partners on scores.partner_id = partners.partner_id
    left join identities on scores.partner_id = identities.partner_id
    left join contacts on scores.partner_id = contacts.partner_id
    left join addresses on scores.partner_id is null and scores.email = addresses.email
    where
        scores.score between scores.scale_min and scores.scale_max
        and (partners.partner_id is null or identities.partner_id is not null)
)

select * from final
