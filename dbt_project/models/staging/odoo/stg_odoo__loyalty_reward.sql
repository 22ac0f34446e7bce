select
    id as loyalty_reward_id,
    program_id as loyalty_program_id,
    {{ translated("description") }} as reward_name,
    reward_type,
    required_points,
    discount as discount_amount,
    discount_mode,
    discount_applicability,
    discount_max_amount,
    reward_product_id,
    reward_product_qty as reward_quantity,
    coalesce(clear_wallet, false) as is_clearing_points,
    not coalesce(active, true) as is_archived
from {{ known_rows("loyalty_reward") }} as rewards
