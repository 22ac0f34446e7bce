select
    id as loyalty_rule_id,
    program_id as loyalty_program_id,
    reward_point_amount as points,
    reward_point_mode as points_per,
    coalesce(reward_point_split, false) as is_split_per_unit,
    minimum_qty as minimum_quantity,
    minimum_amount,
    minimum_amount_tax_mode,
    mode as trigger_type,
    code as promo_code,
    product_category_id,
    product_tag_id,
    not coalesce(active, true) as is_archived
from {{ known_rows("loyalty_rule") }} as rules
