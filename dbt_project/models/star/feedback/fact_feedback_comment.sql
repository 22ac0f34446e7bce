{#
What was corrected or deleted, or is too old, goes with the night that finds it, instead of being kept for those who still
read the generation before.
#}
{{
    config(
        key=["comment_sk"],
        reader_indexes=[["answer_date"]],
        post_hook="delete from {{ this }} where generation_to is not null",
    )
}}

with comments as (
    select * from {{ ref("int_feedback__comments") }}
),

scores as (
    select * from {{ ref("int_feedback__scores") }}
),

recommendations as (
    select * from {{ latest("fact_nps") }} as facts
),

satisfactions as (
    select * from {{ latest("fact_csat") }} as facts
),

final as (
    select
        {{ surrogate_key(["'comment'", "comments.comment_reference"]) }} as comment_sk,
        comments.answer_date,
        {{ surrogate_key(["'customer'", "scores.customer_id"]) }} as customer_sk,
        scores.feedback_type,
        scores.context_type,
        scores.score as given_score,
        scores.scale_min,
        scores.scale_max,
        coalesce(
            recommendations.nps_category,
            case
                when satisfactions.csat_score >= 4 then 'satisfied'
                when satisfactions.csat_score < 3 then 'dissatisfied'
                else 'neutral'
            end
        ) as sentiment_group,
        comments.comment_text
    from comments
    inner join scores on comments.score_reference = scores.reference
    left join recommendations on scores.feedback_type = 'nps' and scores.reference = recommendations.feedback_reference
    left join satisfactions on scores.feedback_type = 'csat' and scores.reference = satisfactions.feedback_reference
)

select * from final
