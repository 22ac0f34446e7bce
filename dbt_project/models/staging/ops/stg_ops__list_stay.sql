select
    stays.destination,
    stays.list_name,
    stays.address,
    stays.customer_sk,
    stays.pushed_at,
    stays.sent_at,
    stays.removed_at,
    {{ business_date("stays.pushed_at at time zone 'UTC'") }} as pushed_date,
    {{ business_date("stays.sent_at at time zone 'UTC'") }} as sent_date,
    {{ business_date("stays.removed_at at time zone 'UTC'") }} as removed_date
from {{ source("push", "list_stay") }} as stays
-- A tag on a contact is no message.
where stays.destination <> 'odoo_tags'
