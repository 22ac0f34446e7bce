select
    id as link_click_id,
    link_id,
    mailing_trace_id,
    mass_mailing_id as mailing_id,
    campaign_id,
    country_id,
    create_date as clicked_at,
    {{ business_date("create_date") }} as click_date
from {{ known_rows("link_tracker_click") }} as clicks
