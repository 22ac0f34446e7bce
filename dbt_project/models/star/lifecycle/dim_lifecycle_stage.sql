{{ config(key=["vocabulary", "stage"]) }}

with stages as (
    select * from {{ ref("lifecycle_stage") }}
),

final as (
    select
        {{ surrogate_key(["'lifecycle stage'", "stages.vocabulary", "stages.stage"]) }} as lifecycle_stage_sk,
        stages.vocabulary,
        stages.stage,
        stages.stage_position,
        stages.stage_name,
        stages.stage_description
    from stages
)

select * from final
