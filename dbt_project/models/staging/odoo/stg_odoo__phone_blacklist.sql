select
    id as phone_blacklist_id,
    number as phone_normalized,
    create_date as created_at,
    write_date as updated_at
from {{ known_rows("phone_blacklist") }} as blacklist
where active
