select
    id as order_log_id,
    order_id,
    coalesce(origin_order_id, order_id) as origin_order_id,
    -- '2_churn' says churn; the number in front is for sorting.
    regexp_replace(event_type, '^\d+_', '') as event_type,
    recurring_monthly as monthly_net_after,
    amount_signed as monthly_net_change,
    currency_id,
    company_id,
    event_date
from {{ known_rows("sale_order_log") }} as events
