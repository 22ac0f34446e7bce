{# Which rows, and what they hold, stays in ops.quarantine: it may be personal. #}
select
    rows.table_name,
    rows.reason,
    rows.first_extraction_id,
    rows.last_extraction_id,
    rows.resolved_extraction_id
from {{ source("ops", "quarantine") }} as rows
