select
    expiries.expiry_key,
    expiries.source_kind,
    expiries.program_id,
    expiries.card_id,
    expiries.lot_key,
    expiries.points,
    expiries.expiry_date,
    expiries.state as expiry_state,
    expiries.pushed_at,
    (expiries.pushed_at at time zone warehouse.business_time_zone)::date as pushed_date
from {{ source("loyalty_ledger", "loyalty_expiry") }} as expiries
cross join {{ source("ops", "warehouse") }} as warehouse
