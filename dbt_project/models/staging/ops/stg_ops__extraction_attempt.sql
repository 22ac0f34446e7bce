select
    attempts.extraction_id,
    attempts.as_of_date,
    attempts.source_snapshot_at,
    attempts.state,
    attempts.started_at,
    attempts.finished_at
from {{ source("ops", "extraction") }} as attempts
