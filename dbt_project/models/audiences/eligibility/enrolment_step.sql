{{ config(materialized="permanent_view") }}

with recursive publication as (
    select * from {{ ref("stg_ops__publication") }}
),

enrolments as (
    select
        all_enrolments.*,
        lead(all_enrolments.enrolled_date, 1, date 'infinity') over (
            partition by all_enrolments.campaign_name, all_enrolments.customer_sk
            order by all_enrolments.enrolled_date, all_enrolments.trigger_key
        ) as next_enrolled_date
    from {{ ref("stg_ops__enrolment") }} as all_enrolments
),

steps as (
    select * from {{ ref("stg_ops__campaign_step") }}
),

reached as (
    select * from {{ ref("message_reach") }}
),

skipped as (
    select * from {{ ref("stg_ops__skipped_step") }}
),

-- The first time that each step went out for this enrolment, or to its address while it lasted.
messages as (
    select distinct on (enrolments.enrolment_sk, reached.step)
        enrolments.enrolment_sk,
        reached.step,
        reached.addressee_sk,
        reached.pushed_date,
        reached.sent_date
    from enrolments
    inner join reached
        on
            enrolments.campaign_name = reached.campaign_name
            and enrolments.customer_sk = reached.customer_sk
            and enrolments.enrolled_date <= reached.pushed_date
            and enrolments.next_enrolled_date > reached.pushed_date
            and (
                enrolments.customer_sk = reached.addressee_sk
                or coalesce(enrolments.ended_date, date 'infinity') >= reached.pushed_date
            )
    order by
        enrolments.enrolment_sk,
        reached.step,
        reached.sent_date nulls last,
        reached.pushed_date,
        enrolments.customer_sk = reached.addressee_sk desc,
        reached.addressee_sk
),

planned as (
    select
        enrolments.enrolment_sk,
        enrolments.campaign_name,
        enrolments.customer_sk,
        enrolments.enrolled_date,
        steps.step,
        steps.list_name,
        steps.channel,
        steps.delay_days,
        messages.addressee_sk,
        messages.pushed_date,
        messages.sent_date,
        skipped.skipped_date
    from enrolments
    inner join steps on enrolments.campaign_name = steps.campaign_name
    left join messages on enrolments.enrolment_sk = messages.enrolment_sk and steps.step = messages.step
    left join skipped on enrolments.enrolment_sk = skipped.enrolment_sk and steps.step = skipped.step
),

-- A window starts at sent, else pushed. What nobody sends within seven days, or hands over, holds up no later step.
walked as (
    select
        planned.*,
        planned.enrolled_date + planned.delay_days as due_date
    from planned
    where planned.step = 1
    union all
    select
        planned.*,
        greatest(
            {{ step_done_date("walked") }},
            coalesce(walked.sent_date, walked.pushed_date, walked.skipped_date, walked.due_date + 7)
            + planned.delay_days
        ) as due_date
    from walked
    inner join planned on walked.enrolment_sk = planned.enrolment_sk and walked.step + 1 = planned.step
),

final as (
    select
        walked.enrolment_sk,
        walked.campaign_name,
        walked.customer_sk,
        walked.step,
        walked.list_name,
        walked.channel,
        walked.due_date,
        -- Sent after D, before a late night of D: behind already, or that night's list would have it a second time.
        least(
            {{ step_done_date("walked") }}, case when walked.sent_date is not null then publication.as_of_date end
        ) as done_date,
        walked.pushed_date,
        walked.sent_date,
        walked.skipped_date,
        walked.addressee_sk
    from walked
    cross join publication
)

select * from final
