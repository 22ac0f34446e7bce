select
    id as cart_recovery_sequence_id,
    name as sequence_name,
    steps as step_definitions,
    coalesce(is_active, true) as is_active,
    coalesce(discount_enabled, false) as has_discount,
    discount_type,
    discount_value,
    discount_code_prefix,
    min_cart_value,
    coalesce(exclude_subscriptions, false) as is_without_subscriptions,
    company_id,
    created_at
from {{ known_rows("operational_cart_recovery_sequence") }} as sequences
where company_id is null or {{ in_scope("company_id") }}
