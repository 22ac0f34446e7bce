select
    steps.campaign_name,
    steps.step,
    steps.list_name,
    steps.channel,
    steps.delay_days
from {{ source("campaigns", "campaign_step") }} as steps
