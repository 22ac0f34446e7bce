-- One row. The limit tells the planner so: tables this small are never analyzed by themselves, and are taken for
-- hundreds of rows.
select
    publication.generation,
    publication.as_of_date,
    publication.published_at
from {{ source("ops", "publication") }} as publication
order by publication.generation
limit 1
