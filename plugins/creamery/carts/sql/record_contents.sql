with given as (
    select rows.*
    from jsonb_to_recordset(%(rows)s) as rows (
        cart_id integer,
        order_name text,
        website_id integer,
        company_id integer,
        partner_id integer,
        customer_id integer,
        customer_name text,
        email text,
        created_at timestamptz,
        last_activity_at timestamptz,
        source_stamp timestamp,
        currency text,
        cart_total numeric,
        net_in_company_currency numeric,
        items jsonb,
        cart_link text,
        item_count integer,
        is_subscription boolean,
        is_mailed_by_odoo boolean,
        is_odoo_mailing boolean,
        is_internal boolean
    )
),

judged as (
    select
        given.*,
        case
            when given.is_internal then 'internal user'
            when given.item_count = 0 then 'empty'
            when given.email is null then 'no address'
            when given.is_mailed_by_odoo or given.is_odoo_mailing then 'mailed by Odoo'
            when given.is_subscription and %(exclude_subscriptions)s then 'subscription'
            -- Where the rate is missing the value is not known, and a minimum cannot be shown to be met.
            when coalesce(given.net_in_company_currency, 0) < %(minimum_value)s then 'below the minimum value'
        end as excluded_because
    from given
)

insert into carts.cart as cart (
    cart_id, order_name, website_id, company_id, partner_id, customer_id, customer_name, email, created_at,
    last_activity_at, source_stamp, currency, cart_total, net_in_company_currency, items, cart_link, excluded_because,
    status, first_generation, last_generation
)
select
    judged.cart_id, judged.order_name, judged.website_id, judged.company_id, judged.partner_id, judged.customer_id,
    judged.customer_name, judged.email, judged.created_at, judged.last_activity_at, judged.source_stamp,
    judged.currency, judged.cart_total, judged.net_in_company_currency, judged.items, judged.cart_link,
    judged.excluded_because,
    case when judged.excluded_because is null then 'open' else 'excluded' end,
    %(generation)s, %(generation)s
from judged
on conflict (cart_id) do update set
    order_name = excluded.order_name,
    website_id = excluded.website_id,
    company_id = excluded.company_id,
    partner_id = excluded.partner_id,
    customer_id = excluded.customer_id,
    customer_name = excluded.customer_name,
    email = excluded.email,
    last_activity_at = excluded.last_activity_at,
    source_stamp = excluded.source_stamp,
    currency = excluded.currency,
    cart_total = excluded.cart_total,
    net_in_company_currency = excluded.net_in_company_currency,
    items = excluded.items,
    cart_link = excluded.cart_link,
    excluded_because = excluded.excluded_because,
    -- Whoever puts something in again has a cart again, whatever had become of it.
    status = case
        when excluded.excluded_because is not null then 'excluded'
        when exists (
            select from carts.step where step.cart_id = cart.cart_id and step.outcome = 'handed over'
        ) then 'recovery_started'
        else 'open'
    end,
    order_model = null,
    order_id = null,
    ordered_at = null,
    last_generation = excluded.last_generation
