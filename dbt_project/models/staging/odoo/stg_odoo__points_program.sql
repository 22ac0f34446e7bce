select
    id as points_program_id,
    code as program_code,
    name as program_name,
    points_per_currency as points_per_money,
    points_currency as currency_code,
    points_expiry_months as expiry_months,
    earning_rules,
    tiers,
    redemption_rules,
    coalesce(is_active, true) as is_active,
    company_id
from {{ known_rows("operational_loyalty_program") }} as programs
where company_id is null or {{ in_scope("company_id") }}
