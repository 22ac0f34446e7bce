select
    id as rating_id,
    res_model as rated_model,
    res_id as rated_record_id,
    partner_id,
    rated_partner_id,
    rating as rating_value,
    coalesce(feedback ~ '\S', false) as has_comment,
    create_date as asked_at,
    -- Before Odoo 19 the answer is the last write.
    coalesce(rated_on, write_date, create_date) as rated_at,
    {{ business_date("coalesce(rated_on, write_date, create_date)") }} as rating_date
from {{ known_rows("rating_rating") }} as ratings
where consumed and rating > 0
