select * from {{ source("ml", "backtest") }}
