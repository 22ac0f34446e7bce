-- What every Odoo has: a company with its currency and time zone, its users, a website and its public user.
-- Ids are Odoo's: partner 1 the company's, user 3 the public one, whose partner 4 stands for unknown customers.
-- Here as in all scripts, write_date is the import's own moment, as Odoo would stamp it: an incremental extraction
-- goes by it, and must see that an older order was corrected in a newer file.
insert into ir_config_parameter (id, key, value)
select 1, 'database.uuid', database_uuid
from import_option
union all
select 2, 'creamery.importer', 'orders'
from import_option;

insert into ir_module_module (id, name, state, latest_version)
values (1, 'base', 'installed', '19.0.1.3');

insert into res_currency (id, name, symbol, rounding, decimal_places, active)
select 1, currency, currency_symbol, power(10::numeric, -currency_decimals), currency_decimals, true
from import_option;

insert into res_country (id, code, name)
with
named as (
    select coalesce(iso_name, name) as name, max(iso_code) as iso_code
    from import_country
    group by coalesce(iso_name, name)
),

numbered as (
    select
        named.name,
        named.iso_code,
        coalesce(
            earlier_country.id,
            (select coalesce(max(id), 0) from earlier_country)
            + row_number() over (partition by earlier_country.id is null order by named.name)
        ) as id
    from named
    left join earlier_country on named.name = earlier_country.name
)

-- A digit keeps made-up codes apart from ISO's.
select id, coalesce(iso_code, 'X' || id), jsonb_build_object('en_US', name)
from numbered;

-- The company's partner dates from a moment of the source's own: a reader that may not see database.uuid tells
-- sources apart by it.
insert into res_partner (
    id, name, complete_name, commercial_partner_id, type, lang, tz, active, is_company, partner_share, autopost_bills,
    create_date, write_date
)
select
    partner.id,
    partner.name,
    partner.name,
    partner.id,
    'contact',
    'en_US',
    import_option.time_zone,
    partner.is_active,
    partner.is_company,
    partner.is_shared,
    'ask',
    timestamp '2000-01-01'
    + make_interval(secs => ('x' || left(md5(import_option.database_uuid), 7))::bit(28)::integer),
    now() at time zone 'UTC'
from import_option
cross join lateral (
    values
    (1, import_option.company_name, true, true, true),
    (2, 'System', false, false, false),
    (3, 'Administrator', true, false, false),
    (4, 'Unknown customers', false, false, true)
) as partner (id, name, is_active, is_company, is_shared);

insert into res_company (
    id, name, partner_id, currency_id, active, layout_background, fiscalyear_last_day, fiscalyear_last_month,
    account_price_include, horizon_days, inventory_period, cost_method, point_of_sale_ticket_portal_url_display_mode,
    security_lead
)
select 1, company_name, 1, 1, true, 'Blank', 31, '12', 'tax_excluded', 365, 'manual', 'standard', 'qr_code', 0
from import_option;

insert into res_users (id, login, partner_id, company_id, active, share, notification_type)
values
(1, '__system__', 2, 1, false, false, 'email'),
(2, 'admin', 3, 1, true, false, 'email'),
(3, 'public', 4, 1, false, true, 'email');

insert into website (
    id, name, company_id, user_id, default_lang_id, shop_default_sort, product_page_image_layout,
    product_page_image_width, product_page_image_spacing, product_page_image_roundness, product_page_image_ratio,
    product_page_image_ratio_mobile, ecommerce_access
)
values (1, 'Website', 1, 3, 1, 'website_sequence asc', 'carousel', '50_pc', 'none', 'none', '1_1', 'auto', 'everyone');

insert into uom_uom (id, name, relative_factor, factor, active)
values (1, '{"en_US": "Units"}', 1, 1, true);

insert into product_category (id, name, complete_name, parent_path)
values
(1, 'Goods', 'Goods', '1/'),
(2, 'Services', 'Services', '2/');
