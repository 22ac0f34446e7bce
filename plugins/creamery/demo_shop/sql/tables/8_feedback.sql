-- Ratings, surveys and website visits.

create table rating_rating (
    id serial primary key,
    res_model_id integer,
    res_id integer not null,
    parent_res_model_id integer,
    parent_res_id integer,
    rated_partner_id integer,
    partner_id integer,
    message_id integer,
    create_uid integer,
    write_uid integer,
    res_name varchar,
    res_model varchar,
    parent_res_name varchar,
    parent_res_model varchar,
    rating_text varchar,
    access_token varchar,
    feedback text,
    is_internal boolean,
    consumed boolean,
    create_date timestamp,
    rated_on timestamp,
    write_date timestamp,
    rating double precision,
    publisher_id integer,
    publisher_comment text,
    publisher_datetime timestamp
);

create table survey_survey (
    id serial primary key,
    user_id integer,
    create_uid integer,
    write_uid integer,
    survey_type varchar not null,
    questions_layout varchar not null,
    questions_selection varchar not null,
    access_mode varchar not null,
    access_token varchar,
    scoring_type varchar not null,
    title jsonb not null,
    description jsonb,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

create table survey_question (
    id serial primary key,
    survey_id integer,
    sequence integer,
    scale_min integer,
    scale_max integer,
    create_uid integer,
    write_uid integer,
    question_type varchar,
    title jsonb not null,
    is_page boolean,
    constr_mandatory boolean,
    create_date timestamp,
    write_date timestamp
);

create table survey_user_input (
    id serial primary key,
    survey_id integer not null,
    lang_id integer,
    partner_id integer,
    create_uid integer,
    write_uid integer,
    state varchar,
    access_token varchar not null,
    invite_token varchar,
    email varchar,
    scoring_total numeric,
    test_entry boolean,
    start_datetime timestamp,
    end_datetime timestamp,
    deadline timestamp,
    create_date timestamp,
    write_date timestamp,
    scoring_percentage double precision
);

create table survey_user_input_line (
    id serial primary key,
    user_input_id integer not null,
    survey_id integer,
    question_id integer not null,
    question_sequence integer,
    value_scale integer,
    suggested_answer_id integer,
    create_uid integer,
    write_uid integer,
    answer_type varchar,
    value_char_box varchar,
    value_text_box text,
    skipped boolean,
    answer_is_correct boolean,
    create_date timestamp,
    write_date timestamp,
    value_numerical_box double precision,
    answer_score double precision
);

create table website_visitor (
    id serial primary key,
    website_id integer,
    partner_id integer,
    country_id integer,
    lang_id integer,
    visit_count integer,
    create_uid integer,
    write_uid integer,
    access_token varchar not null,
    timezone varchar,
    create_date timestamp,
    last_connection_datetime timestamp,
    write_date timestamp
);

create table website_track (
    id serial primary key,
    visitor_id integer not null,
    page_id integer,
    url text,
    visit_datetime timestamp not null,
    product_id integer
);
