select
    id as loyalty_history_id,
    card_id as loyalty_card_id,
    round(coalesce(issued, 0), 4) as points_issued,
    round(coalesce(used, 0), 4) as points_used,
    case when order_model = 'sale.order' then nullif(order_id, 0) end as order_id,
    case when order_model = 'pos.order' then nullif(order_id, 0) end as pos_order_id,
    description as history_text,
    create_date as recorded_at,
    {{ business_date("create_date") }} as record_date,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("loyalty_history") }} as history
