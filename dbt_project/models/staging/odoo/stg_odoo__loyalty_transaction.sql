select
    id as loyalty_transaction_id,
    loyalty_id as loyalty_account_id,
    customer_id as partner_id,
    transaction_type,
    points as points_change,
    balance_after as points_after,
    source_type,
    source_id,
    redemption_type,
    redemption_value,
    redemption_code,
    expires_at,
    {{ business_date("expires_at") }} as expiry_date,
    created_at as recorded_at,
    {{ business_date("created_at") }} as record_date
from {{ known_rows("operational_loyalty_transaction") }} as transactions
