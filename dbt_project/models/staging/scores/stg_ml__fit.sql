select * from {{ source("ml", "fit") }}
