-- What is sold: catalogue, units, price lists and taxes.

create table uom_uom (
    id serial primary key,
    sequence integer,
    relative_uom_id integer,
    create_uid integer,
    write_uid integer,
    parent_path varchar,
    name jsonb not null,
    relative_factor numeric not null,
    factor numeric,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    is_pos_groupable boolean
);

create table product_category (
    id serial primary key,
    parent_id integer,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    complete_name varchar,
    parent_path varchar,
    create_date timestamp,
    write_date timestamp,
    property_cost_method jsonb
);

create table product_template (
    id serial primary key,
    sequence integer,
    categ_id integer,
    uom_id integer not null,
    company_id integer,
    create_uid integer,
    write_uid integer,
    type varchar not null,
    service_tracking varchar not null,
    default_code varchar,
    name jsonb not null,
    description_sale jsonb,
    list_price numeric,
    volume numeric,
    weight numeric,
    sale_ok boolean,
    purchase_ok boolean,
    active boolean,
    is_favorite boolean,
    create_date timestamp,
    write_date timestamp,
    sale_delay integer,
    tracking varchar not null,
    is_storable boolean,
    available_in_pos boolean,
    to_weight boolean,
    service_type varchar,
    expense_policy varchar,
    invoice_policy varchar,
    website_id integer,
    website_sequence integer,
    website_description jsonb,
    description_ecommerce jsonb,
    compare_list_price numeric,
    is_published boolean,
    publish_date timestamp not null,
    rating_last_value double precision,
    base_unit_count double precision not null,
    allow_out_of_stock_order boolean,
    available_threshold double precision
);

create table product_product (
    id serial primary key,
    product_tmpl_id integer not null,
    create_uid integer,
    write_uid integer,
    default_code varchar,
    barcode varchar,
    combination_indices varchar,
    standard_price jsonb,
    volume numeric,
    weight numeric,
    active boolean,
    is_favorite boolean,
    write_date timestamp,
    create_date timestamp,
    base_unit_count double precision not null
);

create table product_pricelist (
    id serial primary key,
    sequence integer,
    currency_id integer not null,
    company_id integer,
    create_uid integer,
    write_uid integer,
    name jsonb not null,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    website_id integer,
    code varchar,
    selectable boolean
);

create table account_tax (
    id serial primary key,
    company_id integer not null,
    sequence integer not null,
    tax_group_id integer not null,
    country_id integer not null,
    create_uid integer,
    write_uid integer,
    type_tax_use varchar not null,
    tax_scope varchar,
    amount_type varchar not null,
    price_include_override varchar,
    name jsonb not null,
    description jsonb,
    invoice_label jsonb,
    amount numeric not null,
    active boolean,
    create_date timestamp,
    write_date timestamp
);
