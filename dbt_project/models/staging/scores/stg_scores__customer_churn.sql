select
    scored.*,
    scored.churn_method = 'rhythm_rule' as is_rule
from {{ source("scores", "customer_churn") }} as scored
