select
    tables.table_name,
    tables.state,
    tables.problem,
    cardinality(tables.missing_columns) as missing_columns,
    tables.source_bytes,
    tables.loaded_rows,
    tables.loaded_extraction_id,
    tables.loaded_snapshot_at
from {{ source("ops", "source_table") }} as tables
