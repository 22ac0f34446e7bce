select
    executions.as_of_date,
    executions.campaign_name,
    executions.customer_sk,
    executions.trigger_key,
    executions.trigger_date,
    executions.execution_status,
    executions.reason
from {{ source("campaigns", "trigger_log") }} as executions
