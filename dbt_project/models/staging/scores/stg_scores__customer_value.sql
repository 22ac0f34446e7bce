select * from {{ source("scores", "customer_value") }}
