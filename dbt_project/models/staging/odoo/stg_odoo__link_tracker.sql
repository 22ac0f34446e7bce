select
    id as link_id,
    url as link_target,
    label as link_label,
    title as page_title,
    mass_mailing_id as mailing_id,
    campaign_id,
    source_id,
    medium_id
from {{ known_rows("link_tracker") }} as links
