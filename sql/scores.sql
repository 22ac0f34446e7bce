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
