select * from {{ source("ml", "promotion") }}
