select * from {{ source("ml", "model") }}
