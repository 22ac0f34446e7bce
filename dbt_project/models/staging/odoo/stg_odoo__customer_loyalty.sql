select
    id as loyalty_account_id,
    customer_id as partner_id,
    program_id as points_program_id,
    company_id,
    current_tier as tier_code,
    tier_qualified_at,
    {{ business_date("tier_qualified_at") }} as tier_qualified_date,
    points_balance,
    points_lifetime,
    points_redeemed,
    points_expired,
    referral_count,
    joined_at,
    {{ business_date("joined_at") }} as join_date
from {{ known_rows("operational_customer_loyalty") }} as accounts
where company_id is null or {{ in_scope("company_id") }}
