select
    id as mailing_contact_id,
    email_normalized as email,
    name as contact_name,
    company_name,
    country_id,
    coalesce(message_bounce, 0) as bounce_count,
    create_date as created_at
from {{ known_rows("mailing_contact") }} as contacts
