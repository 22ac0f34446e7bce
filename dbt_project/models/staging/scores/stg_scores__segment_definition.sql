select
    definitions.segment_name,
    definitions.title as segment_title,
    definitions.segment_description,
    definitions.segment_type,
    definitions.refresh_interval_hours,
    definitions.last_refreshed_date,
    definitions.removed_date
from {{ source("scores", "segment_definition") }} as definitions
