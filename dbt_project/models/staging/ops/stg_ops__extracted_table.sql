select
    tables.extraction_id,
    tables.table_name,
    tables.state,
    tables.mode as extraction_mode,
    tables.source_rows,
    tables.loaded_rows,
    tables.changed_rows,
    tables.deleted_rows,
    tables.quarantined_rows,
    tables.seconds
from {{ source("ops", "extracted_table") }} as tables
