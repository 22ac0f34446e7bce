select
    id as visitor_id,
    partner_id,
    website_id,
    country_id,
    coalesce(visit_count, 0) as visit_count,
    create_date as first_seen_at,
    last_connection_datetime as last_seen_at
from {{ known_rows("website_visitor") }} as visitors
