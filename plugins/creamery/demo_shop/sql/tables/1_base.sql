-- Companies, people, currencies, languages and settings.

create table res_company (
    id serial primary key,
    name varchar not null,
    partner_id integer not null,
    currency_id integer not null,
    sequence integer,
    create_date timestamp,
    parent_path varchar,
    parent_id integer,
    create_uid integer,
    write_uid integer,
    email varchar,
    phone varchar,
    layout_background varchar not null,
    active boolean,
    write_date timestamp,
    fiscalyear_last_day integer not null,
    account_sale_tax_id integer,
    fiscalyear_last_month varchar not null,
    tax_calculation_rounding_method varchar,
    account_price_include varchar not null,
    horizon_days double precision not null,
    website_id integer,
    inventory_period varchar not null,
    cost_method varchar not null,
    point_of_sale_ticket_portal_url_display_mode varchar not null,
    quotation_validity_days integer,
    security_lead double precision not null
);

create table res_country (
    id serial primary key,
    currency_id integer,
    phone_code integer,
    create_uid integer,
    write_uid integer,
    code varchar not null,
    name jsonb not null,
    create_date timestamp,
    write_date timestamp
);

create table res_country_state (
    id serial primary key,
    country_id integer not null,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    code varchar not null,
    create_date timestamp,
    write_date timestamp
);

create table res_currency (
    id serial primary key,
    name varchar not null,
    symbol varchar not null,
    iso_numeric integer,
    decimal_places integer,
    create_uid integer,
    write_uid integer,
    full_name varchar,
    position varchar,
    currency_unit_label jsonb,
    currency_subunit_label jsonb,
    rounding numeric,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table res_currency_rate (
    id serial primary key,
    currency_id integer not null,
    company_id integer,
    create_uid integer,
    write_uid integer,
    name date not null,
    rate numeric,
    create_date timestamp,
    write_date timestamp
);

create table res_lang (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    code varchar not null,
    iso_code varchar,
    url_code varchar not null,
    direction varchar not null,
    date_format varchar not null,
    time_format varchar not null,
    week_start varchar not null,
    grouping varchar not null,
    decimal_point varchar not null,
    thousands_sep varchar,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table res_partner (
    id serial primary key,
    company_id integer,
    create_date timestamp,
    name varchar,
    parent_id integer,
    user_id integer,
    state_id integer,
    country_id integer,
    commercial_partner_id integer,
    create_uid integer,
    write_uid integer,
    complete_name varchar,
    ref varchar,
    lang varchar,
    tz varchar,
    vat varchar,
    company_registry varchar,
    function varchar,
    type varchar,
    street varchar,
    street2 varchar,
    zip varchar,
    city varchar,
    email varchar,
    phone varchar,
    commercial_company_name varchar,
    company_name varchar,
    barcode jsonb,
    comment text,
    active boolean,
    employee boolean,
    is_company boolean,
    partner_share boolean,
    write_date timestamp,
    message_bounce integer,
    email_normalized varchar,
    signup_type varchar,
    phone_sanitized varchar,
    specific_property_product_pricelist jsonb,
    supplier_rank integer,
    customer_rank integer,
    autopost_bills varchar not null,
    credit_limit jsonb,
    property_payment_term_id jsonb,
    trust jsonb,
    website_id integer
);

create table res_partner_category (
    id serial primary key,
    color integer,
    parent_id integer,
    create_uid integer,
    write_uid integer,
    parent_path varchar,
    name jsonb not null,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table res_partner_res_partner_category_rel (
    category_id integer not null,
    partner_id integer not null,
    primary key (category_id, partner_id)
);

create table res_users (
    id serial primary key,
    company_id integer not null,
    partner_id integer not null,
    active boolean,
    create_date timestamp,
    login varchar not null,
    password varchar,
    create_uid integer,
    write_uid integer,
    share boolean,
    write_date timestamp,
    totp_secret varchar,
    notification_type varchar not null,
    karma integer,
    sale_team_id integer,
    website_id integer
);

create table website (
    id serial primary key,
    sequence integer,
    company_id integer not null,
    default_lang_id integer not null,
    user_id integer not null,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    domain varchar,
    create_date timestamp,
    write_date timestamp,
    salesperson_id integer,
    salesteam_id integer,
    shop_default_sort varchar not null,
    product_page_image_layout varchar not null,
    product_page_image_width varchar not null,
    product_page_image_spacing varchar not null,
    product_page_image_roundness varchar not null,
    product_page_image_ratio varchar not null,
    product_page_image_ratio_mobile varchar not null,
    ecommerce_access varchar not null,
    send_abandoned_cart_email boolean,
    send_abandoned_cart_email_activation_time timestamp,
    cart_abandoned_delay double precision,
    newsletter_id integer,
    warehouse_id integer
);

create table ir_config_parameter (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    key varchar not null,
    value text not null,
    create_date timestamp,
    write_date timestamp
);

create table ir_default (
    id serial primary key,
    field_id integer not null,
    user_id integer,
    company_id integer,
    create_uid integer,
    write_uid integer,
    condition varchar,
    json_value varchar not null,
    create_date timestamp,
    write_date timestamp
);

create table ir_module_module (
    id serial primary key,
    create_uid integer,
    create_date timestamp,
    write_date timestamp,
    write_uid integer,
    summary jsonb,
    name varchar not null,
    author varchar,
    state varchar,
    latest_version varchar,
    shortdesc jsonb,
    application boolean,
    license varchar
);
