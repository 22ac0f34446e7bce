select
    id as nps_response_id,
    survey_id as nps_survey_id,
    customer_id as partner_id,
    score as nps_score,
    -- Free-form: {"order_id": 123}, but nothing forbids "SO123".
    case
        when trigger_context ->> 'order_id' ~ '^\d{1,9}$' then (trigger_context ->> 'order_id')::integer
    end as order_id,
    coalesce(followup_response ~ '\S', false) as has_comment,
    company_id,
    responded_at,
    {{ business_date("responded_at") }} as response_date
from {{ known_rows("operational_nps_response") }} as responses
where company_id is null or {{ in_scope("company_id") }}
