select * from {{ source("scores", "customer_propensity") }}
