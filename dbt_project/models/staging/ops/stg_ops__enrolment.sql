select
    enrolments.enrolment_sk,
    enrolments.campaign_name,
    enrolments.customer_sk,
    enrolments.trigger_key,
    enrolments.trigger_date,
    enrolments.order_sk,
    enrolments.enrolled_date,
    enrolments.arm,
    enrolments.offer_code,
    enrolments.enrolment_status,
    enrolments.ended_date,
    enrolments.variant,
    enrolments.experiment_name
from {{ source("campaigns", "enrolment") }} as enrolments
