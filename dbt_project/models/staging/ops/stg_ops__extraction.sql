select
    extraction.extraction_id,
    extraction.source_snapshot_at,
    (extraction.source_snapshot_at at time zone warehouse.business_time_zone)::date as snapshot_date
from {{ source("ops", "extraction") }} as extraction
cross join {{ source("ops", "warehouse") }} as warehouse
where extraction.state = 'complete'
