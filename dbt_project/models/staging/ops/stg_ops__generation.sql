select
    attempts.generation,
    attempts.as_of_dates,
    attempts.state,
    attempts.started_at,
    attempts.finished_at
from {{ source("ops", "generation") }} as attempts
