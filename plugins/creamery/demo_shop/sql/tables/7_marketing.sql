-- Leads, campaigns, mailings and who must not be mailed.

create table crm_stage (
    id serial primary key,
    sequence integer,
    rotting_threshold_days integer,
    color integer,
    create_uid integer,
    write_uid integer,
    name jsonb not null,
    requirements text,
    is_won boolean,
    fold boolean,
    create_date timestamp,
    write_date timestamp
);

create table crm_lost_reason (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    name jsonb not null,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table crm_lead (
    id serial primary key,
    campaign_id integer,
    source_id integer,
    medium_id integer,
    user_id integer,
    team_id integer,
    company_id integer,
    stage_id integer,
    partner_id integer,
    state_id integer,
    country_id integer,
    lost_reason_id integer,
    create_uid integer,
    write_uid integer,
    phone_sanitized varchar,
    email_normalized varchar,
    name varchar not null,
    type varchar not null,
    priority varchar,
    contact_name varchar,
    partner_name varchar,
    email_from varchar,
    email_domain_criterion varchar,
    phone varchar,
    city varchar,
    won_status varchar,
    date_deadline date,
    description text,
    expected_revenue numeric,
    prorated_revenue numeric,
    active boolean,
    date_closed timestamp,
    date_open timestamp,
    date_last_stage_update timestamp,
    date_conversion timestamp,
    create_date timestamp,
    write_date timestamp,
    day_open double precision,
    day_close double precision,
    probability double precision,
    automated_probability double precision
);

create table utm_campaign (
    id serial primary key,
    user_id integer not null,
    stage_id integer not null,
    color integer,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    title jsonb not null,
    active boolean,
    is_auto_campaign boolean,
    create_date timestamp,
    write_date timestamp,
    company_id integer
);

create table utm_source (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    create_date timestamp,
    write_date timestamp
);

create table utm_medium (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table mailing_list (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    name varchar not null,
    active boolean,
    is_public boolean,
    create_date timestamp,
    write_date timestamp
);

create table mailing_contact (
    id serial primary key,
    message_bounce integer,
    country_id integer,
    create_uid integer,
    write_uid integer,
    email_normalized varchar,
    name varchar,
    first_name varchar,
    last_name varchar,
    company_name varchar,
    email varchar,
    create_date timestamp,
    write_date timestamp
);

create table mailing_subscription (
    id serial primary key,
    contact_id integer not null,
    list_id integer not null,
    opt_out_reason_id integer,
    create_uid integer,
    write_uid integer,
    opt_out boolean,
    opt_out_datetime timestamp,
    create_date timestamp,
    write_date timestamp
);

create table mailing_mailing (
    id serial primary key,
    source_id integer not null,
    campaign_id integer,
    medium_id integer,
    user_id integer,
    mailing_model_id integer not null,
    ab_testing_pc integer,
    create_uid integer,
    write_uid integer,
    subject varchar not null,
    preview varchar,
    email_from varchar,
    schedule_type varchar not null,
    state varchar not null,
    mailing_type varchar not null,
    reply_to_mode varchar,
    mailing_domain varchar,
    active boolean,
    use_exclusion_list boolean,
    ab_testing_enabled boolean,
    sent_date timestamp,
    schedule_date timestamp,
    calendar_date timestamp,
    create_date timestamp,
    write_date timestamp
);

create table mail_mass_mailing_list_rel (
    mailing_list_id integer not null,
    mailing_mailing_id integer not null,
    primary key (mailing_list_id, mailing_mailing_id)
);

create table mailing_trace (
    id serial primary key,
    res_id integer,
    mass_mailing_id integer,
    campaign_id integer,
    create_uid integer,
    write_uid integer,
    trace_type varchar not null,
    email varchar,
    message_id varchar,
    model varchar not null,
    trace_status varchar,
    failure_type varchar,
    failure_reason text,
    is_test_trace boolean,
    sent_datetime timestamp,
    open_datetime timestamp,
    reply_datetime timestamp,
    links_click_datetime timestamp,
    create_date timestamp,
    write_date timestamp
);

create table link_tracker (
    id serial primary key,
    campaign_id integer,
    source_id integer,
    medium_id integer,
    count integer,
    create_uid integer,
    write_uid integer,
    url varchar not null,
    title varchar,
    label varchar,
    create_date timestamp,
    write_date timestamp,
    mass_mailing_id integer
);

create table link_tracker_click (
    id serial primary key,
    campaign_id integer,
    link_id integer not null,
    country_id integer,
    create_uid integer,
    write_uid integer,
    ip varchar,
    create_date timestamp,
    write_date timestamp,
    mailing_trace_id integer,
    mass_mailing_id integer
);

create table mail_blacklist (
    id serial primary key,
    create_uid integer,
    write_uid integer,
    email varchar not null,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    opt_out_reason_id integer
);
