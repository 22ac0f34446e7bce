select
    id as mailing_list_id,
    name as mailing_list,
    coalesce(is_public, false) as is_public,
    not coalesce(active, true) as is_archived
from {{ known_rows("mailing_list") }} as lists
