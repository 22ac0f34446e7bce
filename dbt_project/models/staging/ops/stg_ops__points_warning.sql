select
    stays.customer_sk,
    (coalesce(stays.sent_at, stays.pushed_at) at time zone warehouse.business_time_zone)::date as warned_date
from {{ source("loyalty_ledger", "list_stay") }} as stays
cross join {{ source("ops", "warehouse") }} as warehouse
where stays.list_name = 'points_expiring_30' and stays.customer_sk is not null
