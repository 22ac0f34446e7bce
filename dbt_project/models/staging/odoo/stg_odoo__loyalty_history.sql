select
    id as loyalty_history_id,
    card_id as loyalty_card_id,
    issued as points_issued,
    used as points_used,
    case when order_model = 'sale.order' then nullif(order_id, 0) end as order_id,
    case when order_model = 'pos.order' then nullif(order_id, 0) end as pos_order_id,
    description as history_text,
    available_issued_points as unexpired_points,
    expiration_date,
    create_date as recorded_at,
    {{ business_date("create_date") }} as record_date
from {{ known_rows("loyalty_history") }} as history
