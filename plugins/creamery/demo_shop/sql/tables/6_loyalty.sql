-- Loyalty programs, cards and their log.

create table loyalty_program (
    id serial primary key,
    sequence integer,
    company_id integer,
    currency_id integer not null,
    max_usage integer,
    create_uid integer,
    write_uid integer,
    program_type varchar not null,
    applies_on varchar not null,
    trigger varchar,
    date_from date,
    date_to date,
    name jsonb not null,
    portal_point_name jsonb,
    active boolean,
    limit_usage boolean,
    portal_visible boolean,
    create_date timestamp,
    write_date timestamp,
    pos_ok boolean,
    sale_ok boolean,
    website_id integer,
    ecommerce_ok boolean
);

create table loyalty_rule (
    id serial primary key,
    program_id integer not null,
    company_id integer,
    product_category_id integer,
    product_tag_id integer,
    minimum_qty integer,
    create_uid integer,
    write_uid integer,
    product_domain varchar,
    reward_point_mode varchar not null,
    minimum_amount_tax_mode varchar not null,
    mode varchar,
    code varchar,
    minimum_amount numeric,
    active boolean,
    reward_point_split boolean,
    create_date timestamp,
    write_date timestamp,
    reward_point_amount double precision,
    promo_barcode varchar,
    website_id integer
);

create table loyalty_reward (
    id serial primary key,
    program_id integer not null,
    company_id integer,
    discount_product_category_id integer,
    discount_product_tag_id integer,
    discount_line_product_id integer,
    reward_product_id integer,
    reward_product_tag_id integer,
    reward_product_qty integer,
    create_uid integer,
    write_uid integer,
    reward_type varchar not null,
    discount_mode varchar not null,
    discount_applicability varchar,
    discount_product_domain varchar,
    description jsonb not null,
    discount_max_amount numeric,
    active boolean,
    clear_wallet boolean,
    create_date timestamp,
    write_date timestamp,
    discount double precision,
    required_points double precision
);

create table loyalty_card (
    id serial primary key,
    program_id integer,
    company_id integer,
    partner_id integer,
    create_uid integer,
    write_uid integer,
    code varchar not null,
    expiration_date date,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    points double precision,
    source_pos_order_id integer,
    order_id integer
);

create table loyalty_history (
    id serial primary key,
    card_id integer not null,
    order_id integer,
    create_uid integer,
    write_uid integer,
    order_model varchar,
    description text not null,
    create_date timestamp,
    write_date timestamp,
    issued double precision,
    used double precision
);
