select
    id as loyalty_account_id,
    program_id as points_program_id,
    customer_id as partner_id,
    points_balance::numeric as points_balance,
    joined_at,
    {{ business_date("joined_at") }} as join_date,
    _valid_from as known_from_at,
    _valid_to as known_to_at,
    {{ last_day_known("_valid_from") }} as known_from_date,
    {{ last_day_known("_valid_to") }} as known_to_date,
    has_ended
from {{ every_version("operational_customer_loyalty") }} as accounts
where company_id is null or {{ in_scope("company_id") }}
