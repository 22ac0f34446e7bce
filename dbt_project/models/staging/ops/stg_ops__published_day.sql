select
    days.as_of_date,
    days.generation,
    days.is_reconstructed,
    days.published_at
from {{ source("ops", "published_day") }} as days
