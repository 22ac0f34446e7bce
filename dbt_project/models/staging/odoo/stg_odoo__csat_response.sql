select
    id as csat_response_id,
    customer_id as partner_id,
    score as csat_score,
    context_type,
    context_id,
    coalesce(comment ~ '\S', false) as has_comment,
    company_id,
    responded_at,
    {{ business_date("responded_at") }} as response_date
from {{ known_rows("operational_csat_response") }} as responses
where company_id is null or {{ in_scope("company_id") }}
