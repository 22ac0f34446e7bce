select
    id as page_id,
    url as page_path,
    website_id,
    coalesce(is_published, false) as is_published
from {{ known_rows("website_page") }} as pages
