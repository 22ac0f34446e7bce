select
    id as medium_id,
    name as medium_name,
    not coalesce(active, true) as is_archived
from {{ known_rows("utm_medium") }} as media
