select
    id as source_id,
    name as source_name
from {{ current_rows("utm_source") }} as sources
