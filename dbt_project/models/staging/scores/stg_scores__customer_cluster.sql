select * from {{ source("scores", "customer_cluster") }}
