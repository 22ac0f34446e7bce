-- A warning that was handed over and never sent has warned nobody.
select
    stays.customer_sk,
    (stays.sent_at at time zone warehouse.business_time_zone)::date as warned_date
from {{ source("loyalty_ledger", "list_stay") }} as stays
cross join {{ source("ops", "warehouse") }} as warehouse
where stays.list_name = 'points_expiring_30' and stays.customer_sk is not null and stays.sent_at is not null
