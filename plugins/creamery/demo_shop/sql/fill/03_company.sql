-- The company, its people and settings: rows that every Odoo has before the first customer comes.
create function draws.opened() returns timestamp immutable return %(opened_at)s;

insert into res_currency
    (id, name, symbol, iso_numeric, decimal_places, full_name, position, rounding, active, create_date,
    write_date)
select id, name, symbol, iso_numeric, 2, full_name, 'before', 0.01, true, opened(), opened()
from (
    values
    (1, 'USD', '$', 840, 'United States dollar'),
    (55, 'BDT', '৳', 50, 'Bangladeshi taka'),
    (126, 'EUR', '€', 978, 'Euro'),
    (144, 'GBP', '£', 826, 'Pound sterling')
) as currency (id, name, symbol, iso_numeric, full_name);

-- Units of the currency for one taka, monthly; the taka loses a little every month.
insert into res_currency_rate
    (id, currency_id, company_id, name, rate, create_date, write_date, create_uid, write_uid)
select
    row_number() over (order by month, currency_id),
    currency_id,
    1,
    month::date,
    round(
        (
            1 / taka / power(1.003, (month::date - %(starts_on)s) / 30.4)
            / (0.995 + 0.01 * uniform(currency_id, month::date - date '2000-01-01', 'rate'))
        )::numeric,
        8
    ),
    month,
    month,
    1,
    1
from generate_series(date_trunc('month', opened()), %(as_of)s::timestamp, '1 month') as month
cross join (values (1, 117.0), (126, 127.0), (144, 149.0)) as price (currency_id, taka);

insert into res_country
    (id, currency_id, phone_code, code, name, create_date, write_date)
select id, currency_id, phone_code, code, name, opened(), opened()
from (
    values
    (18, 55, 880, 'BD', '{"en_US": "Bangladesh", "bn_BD": "বাংলাদেশ"}'::jsonb),
    (104, null, 91, 'IN', '{"en_US": "India"}'),
    (231, 144, 44, 'GB', '{"en_US": "United Kingdom"}'),
    (233, 1, 1, 'US', '{"en_US": "United States"}')
) as country (id, currency_id, phone_code, code, name);

-- By share of the customers, which 06_partners.sql draws from.
insert into res_country_state
    (id, country_id, name, code, create_date, write_date)
select id, 18, name, code, opened(), opened()
from (
    values
    (1, 'Dhaka', 'BD-13'), (2, 'Chattogram', 'BD-10'), (3, 'Gazipur', 'BD-18'), (4, 'Sylhet', 'BD-60'),
    (5, 'Khulna', 'BD-27'), (6, 'Rajshahi', 'BD-54'), (7, 'Narayanganj', 'BD-40'), (8, 'Cumilla', 'BD-08')
) as state (id, name, code);

insert into res_lang
    (id, name, code, iso_code, url_code, direction, date_format, time_format, week_start, grouping,
    decimal_point, thousands_sep, active)
values
(1, 'English (US)', 'en_US', 'en', 'en', 'ltr', '%%m/%%d/%%Y', '%%H:%%M:%%S', '7', '[3,0]', '.', ',', true),
(2, 'Bengali / বাংলা', 'bn_BD', 'bn', 'bn', 'ltr', '%%d/%%m/%%Y', '%%H:%%M:%%S', '7', '[3,2,0]', '.', ',',
    true);

insert into res_partner
    (id, name, complete_name, commercial_partner_id, email, email_normalized, is_company, partner_share,
    active, tz, lang, type, country_id, state_id, city, autopost_bills, customer_rank, supplier_rank,
    create_date, write_date)
select
    id,
    name,
    name,
    id,
    email,
    email,
    id = 1,
    id in (1, 4, 5),
    active,
    'Asia/Dhaka',
    'en_US',
    'contact',
    18,
    1,
    'Dhaka',
    'ask',
    0,
    0,
    opened(),
    opened()
from (
    values
    (1, 'Padma Creamery Ltd.', 'hello@padma-creamery.example.com', true),
    (2, 'OdooBot', 'odoobot@example.com', false),
    (3, 'Administrator', 'admin@padma-creamery.example.com', true),
    (4, 'Public user', null, false),
    (5, 'Portal User Template', null, false),
    (6, 'Tamanna Haque', 'tamanna@padma-creamery.example.com', true),
    (7, 'Rezaul Karim', 'rezaul@padma-creamery.example.com', true),
    (8, 'Sharif Ahmed', 'sharif@padma-creamery.example.com', true),
    (9, 'Nadia Islam', 'nadia@padma-creamery.example.com', true),
    (10, 'Jamal Uddin', 'jamal@padma-creamery.example.com', false)
) as person (id, name, email, active);

insert into res_users
    (id, company_id, partner_id, active, login, share, notification_type, karma, create_uid, write_uid,
    create_date, write_date)
select id, 1, partner_id, active, login, share, 'email', 0, 1, 1, opened(), opened()
from (
    values
    (1, 2, '__system__', false, false),
    (2, 3, 'admin', true, false),
    (3, 4, 'public', false, true),
    (4, 5, 'portaltemplate', false, true),
    (5, 6, 'tamanna', true, false),
    (6, 7, 'rezaul', true, false),
    (7, 8, 'sharif', true, false),
    (8, 9, 'nadia', true, false),
    (9, 10, 'jamal', false, false)
) as login (id, partner_id, login, active, share);

insert into res_company
    (id, name, partner_id, currency_id, sequence, parent_path, email, active, fiscalyear_last_day,
    fiscalyear_last_month, account_sale_tax_id, tax_calculation_rounding_method, account_price_include,
    layout_background, horizon_days, inventory_period, cost_method,
    point_of_sale_ticket_portal_url_display_mode, security_lead, website_id, quotation_validity_days,
    create_uid, write_uid, create_date, write_date)
values
(1, 'Padma Creamery Ltd.', 1, 55, 10, '1/', 'hello@padma-creamery.example.com', true, 30, '6', 1,
    'round_per_line', 'tax_excluded', 'Blank', 365, 'manual', 'standard', 'qr_code', 0, 1, 30, 1, 1, opened(),
    opened());

insert into website
    (id, sequence, company_id, default_lang_id, user_id, name, domain, salesteam_id, shop_default_sort,
    product_page_image_layout, product_page_image_width, product_page_image_spacing,
    product_page_image_roundness, product_page_image_ratio, product_page_image_ratio_mobile, ecommerce_access,
    send_abandoned_cart_email, cart_abandoned_delay, newsletter_id, warehouse_id, create_uid, write_uid,
    create_date, write_date)
values
(1, 10, 1, 1, 3, 'Padma Creamery', 'https://padma-creamery.example.com', 2, 'website_sequence asc',
    'carousel', '50_pc', 'none', 'none', '1_1', 'auto', 'everyone', false, 10, 1, 1, 1, 1, opened(),
    opened());

insert into crm_team
    (id, sequence, company_id, user_id, name, active, alias_id, use_leads, use_opportunities, invoiced_target,
    create_date, write_date)
values
(1, 1, 1, 5, '{"en_US": "Wholesale", "bn_BD": "পাইকারি"}', true, 1, true, true, 4000000, opened(), opened()),
(2, 2, 1, 8, '{"en_US": "Website"}', true, 2, false, false, 0, opened(), opened()),
(3, 3, 1, 8, '{"en_US": "Point of Sale"}', true, 3, false, false, 0, opened(), opened());

insert into uom_uom
    (id, sequence, relative_uom_id, parent_path, name, relative_factor, factor, active, create_date,
    write_date)
values
(1, 100, null, '1/', '{"en_US": "Units"}', 1, 1, true, opened(), opened()),
(2, 200, null, '2/', '{"en_US": "kg"}', 1, 1, true, opened(), opened()),
(3, 300, 1, '1/3/', '{"en_US": "Crate of 12"}', 12, 12, true, opened(), opened());

insert into account_tax
    (id, company_id, sequence, tax_group_id, country_id, type_tax_use, amount_type, name, amount, active,
    create_date, write_date)
values
(1, 1, 1, 1, 18, 'sale', 'percent', '{"en_US": "VAT 15%%"}', 15, true, opened(), opened()),
(2, 1, 2, 1, 18, 'sale', 'percent', '{"en_US": "VAT 5%%"}', 5, true, opened(), opened()),
(3, 1, 3, 1, 18, 'sale', 'percent', '{"en_US": "VAT exempt"}', 0, true, opened(), opened());

insert into product_pricelist
    (id, sequence, currency_id, company_id, name, active, selectable, create_date, write_date)
values
(1, 1, 55, 1, '{"en_US": "Default"}', true, true, opened(), opened()),
(2, 2, 1, 1, '{"en_US": "Export (USD)"}', true, false, opened(), opened());

insert into ir_config_parameter
    (id, key, value, create_date, write_date)
values
(1, 'database.uuid', %(database_uuid)s, opened(), opened()),
(2, 'database.create_date', to_char(opened(), 'YYYY-MM-DD HH24:MI:SS'), opened(), opened()),
(3, 'web.base.url', 'https://padma-creamery.example.com', opened(), opened()),
(4, 'website.visitor.live.days', '60', opened(), opened());

-- A default cost would stand where a product's own is missing; field_id is Odoo's number of the field.
insert into ir_default
    (id, field_id, company_id, json_value, create_date, write_date)
values
(1, 1014, null, '"en_US"', opened(), opened()),
(2, 5631, null, '"normal"', opened(), opened());

insert into ir_module_module
    (id, name, state, latest_version, author, license, application, create_date, write_date)
select
    row_number() over (order by name collate "C"),
    name,
    state,
    case state when 'installed' then '19.0.' || version end,
    'Odoo S.A.',
    'LGPL-3',
    false,
    opened(),
    opened()
from (
    values
    ('base', 'installed', '1.3'), ('account', 'installed', '1.4'), ('contacts', 'installed', '1.0'),
    ('crm', 'installed', '1.9'), ('delivery', 'installed', '1.0'), ('link_tracker', 'installed', '1.1'),
    ('loyalty', 'installed', '1.0'), ('mail', 'installed', '1.19'), ('mass_mailing', 'installed', '2.7'),
    ('point_of_sale', 'installed', '1.0.2'), ('pos_loyalty', 'installed', '2.0'),
    ('pos_sale', 'installed', '1.1'),
    ('product', 'installed', '1.2'), ('rating', 'installed', '1.1'), ('sale', 'installed', '1.2'),
    ('sale_crm', 'installed', '1.0'), ('sale_loyalty', 'installed', '1.0'),
    ('sale_management', 'installed', '1.0'),
    ('sale_margin', 'installed', '1.0'), ('sale_stock', 'installed', '1.0'), ('stock', 'installed', '1.1'),
    ('survey', 'installed', '3.7'), ('uom', 'installed', '1.0'), ('utm', 'installed', '1.1'),
    ('website', 'installed', '1.0'), ('website_sale', 'installed', '1.1'),
    ('website_sale_loyalty', 'installed', '1.0'),
    ('hr', 'uninstalled', ''), ('mrp', 'uninstalled', ''), ('purchase', 'uninstalled', '')
) as module (name, state, version);
