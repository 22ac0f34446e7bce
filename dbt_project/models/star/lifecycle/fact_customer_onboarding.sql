{{ config(key=["onboarding_sk"]) }}

with onboardings as (
    select * from {{ ref("stg_odoo__customer_onboarding") }}
),

journeys as (
    select * from {{ ref("stg_odoo__onboarding_journey") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

final as (
    select
        {{ surrogate_key(["'onboarding'", "onboardings.onboarding_id"]) }} as onboarding_sk,
        {{ surrogate_key(["'customer'", "contacts.customer_id"]) }} as customer_sk,
        onboardings.onboarding_id,
        journeys.journey_code,
        journeys.journey_type,
        onboardings.onboarding_status,
        onboardings.started_at,
        onboardings.start_date,
        onboardings.completed_at,
        -- Only a completion is dated. A journey that was skipped ended with the last activity, one that expired when
        -- its time was up.
        case onboardings.onboarding_status
            when 'completed' then coalesce(onboardings.completion_date, onboardings.last_activity_date)
            when 'skipped' then coalesce(onboardings.last_activity_date, onboardings.start_date)
            when 'expired'
                then coalesce(onboardings.start_date + journeys.max_duration_days, onboardings.last_activity_date)
        end as end_date,
        journeys.step_count
    from onboardings
    inner join contacts on onboardings.partner_id = contacts.partner_id
    inner join journeys on onboardings.onboarding_journey_id = journeys.onboarding_journey_id
)

select * from final
