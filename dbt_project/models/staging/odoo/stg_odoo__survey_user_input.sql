select
    id as survey_user_input_id,
    survey_id,
    partner_id,
    -- Typed by hand: Ann <ann@example.com>.
    lower(substring(email from '[^<>\s,;]+@[^<>\s,;]+')) as email,
    state as input_state,
    state = 'done' as is_finished,
    scoring_percentage as score_percent,
    create_date as created_at,
    start_datetime as started_at,
    end_datetime as finished_at,
    {{ business_date("end_datetime") }} as finish_date
from {{ known_rows("survey_user_input") }} as inputs
where not coalesce(test_entry, false)
