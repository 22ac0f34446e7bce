select
    id as track_id,
    visitor_id,
    page_id,
    product_id,
    visit_datetime as visited_at,
    {{ business_date("visit_datetime") }} as visit_date
from {{ known_rows("website_track") }} as tracks
