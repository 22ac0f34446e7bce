select * from {{ source("ml", "calibration") }}
