select
    id as pos_session_id,
    name as session_name,
    config_id as pos_config_id,
    user_id as cashier_user_id,
    state as session_state,
    start_at as opened_at,
    stop_at as closed_at
from {{ known_rows("pos_session") }} as sessions
