{{ config(key=["csat_sk"], reader_indexes=[["customer_sk"], ["answer_date"]]) }}

with scores as (
    select * from {{ ref("int_feedback__scores") }}
),

final as (
    select
        {{ surrogate_key(["'csat'", "scores.reference"]) }} as csat_sk,
        {{ date_key("scores.answer_date") }} as answer_date_sk,
        scores.answer_date,
        scores.answered_at,
        case
            when scores.customer_id is not null then {{ surrogate_key(["'customer'", "scores.customer_id"]) }}
        end as customer_sk,
        case
            when scores.context_type = 'support' then {{ surrogate_key(["'channel'", "'SUPPORT'"]) }}
            else {{ surrogate_key(["'channel'", "'SURVEY'"]) }}
        end as channel_sk,
        scores.feedback_source,
        scores.reference as feedback_reference,
        -- Of any scale, on the one of five stars.
        round(1 + 4 * (scores.score - scores.scale_min) / (scores.scale_max - scores.scale_min), 2) as csat_score,
        scores.score as given_score,
        scores.scale_min,
        scores.scale_max,
        scores.context_type,
        scores.context_id,
        scores.survey_name,
        case
            when scores.order_id is not null then {{ surrogate_key(["'order'", "scores.order_id"]) }}
        end as order_sk,
        scores.company_id,
        scores.has_comment
    from scores
    where scores.feedback_type = 'csat'
)

select * from final
