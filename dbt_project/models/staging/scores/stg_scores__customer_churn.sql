select
    scored.*,
    scored.churn_method in ('rhythm_rule', 'subscription', 'subscription_ended') as is_rule
from {{ source("scores", "customer_churn") }} as scored
