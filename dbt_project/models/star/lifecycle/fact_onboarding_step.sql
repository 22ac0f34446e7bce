{{ config(key=["onboarding_step_sk"]) }}

with steps as (
    select * from {{ ref("stg_odoo__onboarding_step_completion") }}
),

onboardings as (
    select * from {{ latest("fact_customer_onboarding") }} as facts
),

final as (
    select
        {{ surrogate_key(["'onboarding step'", "steps.onboarding_step_completion_id"]) }} as onboarding_step_sk,
        onboardings.onboarding_sk,
        onboardings.customer_sk,
        steps.step_code,
        steps.step_status,
        steps.completed_at,
        steps.completion_date
    from steps
    inner join onboardings on steps.onboarding_id = onboardings.onboarding_id
)

select * from final
