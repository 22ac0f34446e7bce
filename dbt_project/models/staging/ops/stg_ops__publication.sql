select
    publication.generation,
    publication.as_of_date,
    publication.published_at
from {{ source("ops", "publication") }} as publication
