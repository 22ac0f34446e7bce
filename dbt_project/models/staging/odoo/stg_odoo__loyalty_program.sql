select
    id as loyalty_program_id,
    coalesce({{ translated("name") }}, program_type) as program_name,
    program_type,
    program_type = 'loyalty' as is_loyalty,
    applies_on,
    trigger as trigger_type,
    {{ translated("portal_point_name") }} as point_name,
    company_id,
    currency_id,
    website_id,
    coalesce(sale_ok, true) as is_for_orders,
    coalesce(pos_ok, true) as is_for_pos,
    coalesce(ecommerce_ok, true) as is_for_web_shop,
    expire_after as points_expire_after_days,
    date_from as starts_date,
    date_to as ends_date,
    not coalesce(active, true) as is_archived
from {{ known_rows("loyalty_program") }} as programs
where company_id is null or {{ in_scope("company_id") }}
