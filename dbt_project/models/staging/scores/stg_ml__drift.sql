select * from {{ source("ml", "drift") }}
