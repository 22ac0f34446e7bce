-- What Python computes in the warehouse and dbt reads back as a source. Segments: their definitions and who is in them.

-- One row per segment that was ever defined; a definition that is gone keeps its row and its history.
create table if not exists scores.segment_definition (
    segment_name text primary key,
    title text not null,
    segment_description text not null,
    segment_type text not null check (segment_type in ('static', 'dynamic', 'rfm', 'behavioral')),
    refresh_interval_hours integer not null,
    definition jsonb not null,
    definition_hash text not null,
    last_refreshed_date date,
    last_error text,
    removed_date date
);

-- One row per stay: a member on day d is entered_date <= d and (left_date > d or left_date is null).
create table if not exists scores.segment_membership (
    segment_name text not null references scores.segment_definition,
    customer_sk bigint not null,
    entered_date date not null,
    left_date date check (left_date > entered_date),
    primary key (segment_name, customer_sk, entered_date)
);
create unique index if not exists segment_membership__open
on scores.segment_membership (segment_name, customer_sk) where left_date is null;

grant select, insert, update, delete on scores.segment_definition, scores.segment_membership to creamery_transformer;

-- What models foretell for each buyer, of the days of the newest run alone: marts keep the days. Days with which the
-- lifecycle compares are among them, each scored by the model that served on it.

create table if not exists scores.customer_value (
    as_of_date date not null,
    customer_sk bigint not null,
    model_version text not null,
    clv_method text not null,
    probability_alive double precision,
    expected_purchases_30 double precision,
    expected_purchases_90 double precision,
    expected_purchases_365 double precision,
    value_per_purchase double precision,
    predicted_clv_1_year double precision not null,
    predicted_clv_3_year double precision not null,
    predicted_clv_lifetime double precision not null,
    clv_p10 double precision,
    clv_p90 double precision,
    clv_confidence_score double precision,
    -- By the same model, of what was known 30 days earlier.
    clv_lifetime_30_days_ago double precision,
    primary key (as_of_date, customer_sk)
);

create table if not exists scores.customer_churn (
    as_of_date date not null,
    customer_sk bigint not null,
    churn_method text not null,
    model_version text not null,
    reasons_model text not null,
    horizon_days integer not null,
    churn_probability double precision not null,
    -- By the same model, of what was known the day before.
    churn_probability_day_before double precision,
    rhythm_rule_score integer not null,
    decline_probability double precision,
    is_single_order boolean not null,
    is_already_silent boolean not null,
    predicted_churn_date date,
    top_churn_factor_1 text,
    top_churn_factor_2 text,
    top_churn_factor_3 text,
    top_churn_factor_code_1 text,
    top_churn_factor_code_2 text,
    top_churn_factor_code_3 text,
    primary key (as_of_date, customer_sk)
);

create table if not exists scores.customer_propensity (
    as_of_date date not null,
    customer_sk bigint not null,
    model_version text not null,
    purchase_probability_30 double precision not null,
    primary key (as_of_date, customer_sk)
);

create table if not exists scores.customer_cluster (
    as_of_date date not null,
    customer_sk bigint not null,
    model_version text not null,
    cluster_number integer not null,
    cluster_name text not null,
    primary key (as_of_date, customer_sk)
);

grant select, insert, update, delete, truncate
on scores.customer_value, scores.customer_churn, scores.customer_propensity, scores.customer_cluster
to creamery_transformer;
