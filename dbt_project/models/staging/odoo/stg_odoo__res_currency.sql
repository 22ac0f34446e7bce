select
    id as currency_id,
    name as currency_code,
    symbol as currency_symbol,
    decimal_places
from {{ known_rows("res_currency") }} as currencies
