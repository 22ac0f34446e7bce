select
    id as loyalty_transaction_id,
    loyalty_id as loyalty_account_id,
    transaction_type,
    points::numeric as points_change,
    source_type,
    source_id,
    {{ business_date("expires_at") }} as expiry_date,
    created_at as recorded_at,
    {{ business_date("created_at") }} as record_date,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("operational_loyalty_transaction") }} as transactions
