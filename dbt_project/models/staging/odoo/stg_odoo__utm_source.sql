select
    id as source_id,
    name as source_name
from {{ known_rows("utm_source") }} as sources
