select
    skipped.enrolment_sk,
    skipped.step,
    skipped.skipped_date
from {{ source("campaigns", "skipped_step") }} as skipped
