{{ config(key=["nps_sk"], reader_indexes=[["customer_sk"], ["answer_date"]]) }}

with scores as (
    select * from {{ ref("int_feedback__scores") }}
),

final as (
    select
        {{ surrogate_key(["'nps'", "scores.reference"]) }} as nps_sk,
        {{ date_key("scores.answer_date") }} as answer_date_sk,
        scores.answer_date,
        scores.answered_at,
        case
            when scores.customer_id is not null then {{ surrogate_key(["'customer'", "scores.customer_id"]) }}
        end as customer_sk,
        {{ surrogate_key(["'channel'", "'SURVEY'"]) }} as channel_sk,
        scores.feedback_source,
        scores.reference as feedback_reference,
        scores.score::integer as nps_score,
        case
            when scores.score >= 9 then 'promoter'
            when scores.score >= 7 then 'passive'
            else 'detractor'
        end as nps_category,
        scores.survey_name,
        case
            when scores.order_id is not null then {{ surrogate_key(["'order'", "scores.order_id"]) }}
        end as order_sk,
        scores.company_id,
        scores.has_comment
    from scores
    where scores.feedback_type = 'nps'
)

select * from final
