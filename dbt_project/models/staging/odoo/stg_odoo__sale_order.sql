select
    id as order_id,
    name as order_name,
    state as order_state,
    state in ('sale', 'done') as is_confirmed,
    state = 'draft' and website_id is not null as is_cart,
    partner_id,
    company_id,
    currency_id,
    currency_rate as units_per_company_unit,
    date_order as ordered_at,
    {{ business_date("date_order") }} as order_date,
    create_date as created_at
from {{ source("raw_odoo", "sale_order") }}
where {{ in_scope("company_id") }}
