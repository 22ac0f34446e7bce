select
    results.generation,
    results.layer,
    split_part(results.unique_id, '.', 1) as node_type,
    -- The name; a test that has none of its own ends in a hash.
    split_part(results.unique_id, '.', 3) as node_name,
    results.status,
    results.seconds,
    results.rows_affected,
    results.recorded_at
from {{ source("ops", "dbt_result") }} as results
