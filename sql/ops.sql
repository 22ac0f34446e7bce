-- What the runs know about themselves. Written by tasks, read back by dbt as a source (models/staging/ops).

-- The source that this warehouse belongs to and what was read off it.
create table if not exists ops.warehouse (
    is_only boolean primary key default true check (is_only),
    source_uuid text,
    source_fingerprint text not null,
    odoo_series text not null,
    main_company_id integer not null,
    reporting_currency_id integer not null,
    reporting_currency text not null,
    business_time_zone text not null,
    first_extracted_at timestamptz not null,
    last_extracted_at timestamptz not null
);

-- Who may write. Every writing session compares its token; an orphan of a killed run finds another one here.
create table if not exists ops.writer (
    is_only boolean primary key default true check (is_only),
    token text not null,
    purpose text not null,
    since timestamptz not null default now()
);

create or replace function ops.assert_writer(expected text) returns void
language plpgsql stable as $$
begin
    if not exists (select 1 from ops.writer as writer where writer.token = expected) then
        raise exception 'Creamery: this run (%) was replaced by a newer one and may not write any more', expected
            using hint = 'Nothing to do: the newer run does the work.';
    end if;
end
$$;

-- One attempt to build some as-of days. Rows of a generation above the published one are invisible to readers.
create table if not exists ops.generation (
    generation bigint generated always as identity primary key,
    as_of_dates date[] not null,
    state text not null default 'building' check (state in ('building', 'published', 'abandoned')),
    started_at timestamptz not null default now(),
    finished_at timestamptz
);

do $$
begin
    if exists (
        select from information_schema.columns
        where table_schema = 'ops' and table_name = 'generation' and column_name = 'as_of_date'
    ) then
        alter table ops.generation add column as_of_dates date[];
        update ops.generation set as_of_dates = array[as_of_date];
        alter table ops.generation alter column as_of_dates set not null, drop column as_of_date;
    end if;
end
$$;

-- Those of as_of_dates that the rows of now stood for when it was opened.
alter table ops.generation add column if not exists present_dates date[];

-- The one row that says what readers see.
create table if not exists ops.publication (
    is_only boolean primary key default true check (is_only),
    generation bigint not null references ops.generation,
    as_of_date date not null,
    published_at timestamptz not null
);

create table if not exists ops.published_day (
    as_of_date date primary key,
    generation bigint not null references ops.generation,
    is_reconstructed boolean not null,
    published_at timestamptz not null
);

-- One extraction: one snapshot of the source, held by the session whose writer token it carries.
create table if not exists ops.extraction (
    extraction_id bigint generated always as identity primary key,
    as_of_date date not null,
    source_snapshot_at timestamptz not null,
    state text not null default 'loading' check (state in ('loading', 'complete', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz
);
alter table ops.extraction add column if not exists snapshot text;
alter table ops.extraction add column if not exists writer_token text;
alter table ops.extraction drop constraint if exists extraction_state_check;
alter table ops.extraction add check (state in ('loading', 'complete', 'failed'));

-- What became of each table in it; the row appears in the transaction that loads the data.
-- source_rows = loaded_rows + quarantined_rows, else the table is stopped and keeps its last good rows.
create table if not exists ops.extracted_table (
    extraction_id bigint not null references ops.extraction,
    table_name text not null,
    source_rows bigint,
    loaded_rows bigint not null,
    missing_columns text[] not null default '{}',
    seconds numeric,
    loaded_at timestamptz not null default now(),
    primary key (extraction_id, table_name)
);
alter table ops.extracted_table drop column if exists is_absent;
alter table ops.extracted_table alter column seconds drop not null;
alter table ops.extracted_table add column if not exists state text not null default 'loaded';
alter table ops.extracted_table drop constraint if exists extracted_table_state_check;
alter table ops.extracted_table add check (state in ('loaded', 'absent', 'stopped'));
alter table ops.extracted_table add column if not exists problem text;
alter table ops.extracted_table add column if not exists mode text;
alter table ops.extracted_table add column if not exists snapshot_at timestamptz;
alter table ops.extracted_table add column if not exists changed_rows bigint not null default 0;
alter table ops.extracted_table add column if not exists deleted_rows bigint not null default 0;
alter table ops.extracted_table add column if not exists quarantined_rows bigint not null default 0;

-- Each table of the source contract as the last extraction found it. A stopped one is stale: its rows are those of
-- loaded_snapshot_at, which is also the watermark from which changes are followed.
create table if not exists ops.source_table (
    table_name text primary key,
    source_name text not null,
    state text check (state in ('loaded', 'absent', 'stopped')),
    problem text,
    missing_columns text[] not null default '{}',
    source_bytes bigint not null,
    probed_extraction_id bigint not null references ops.extraction,
    loaded_extraction_id bigint references ops.extraction,
    loaded_snapshot_at timestamptz,
    loaded_columns text[],
    loaded_rows bigint not null default 0
);

-- Every column that these tables have in the source, read or not.
create table if not exists ops.source_column (
    table_name text not null,
    column_name text not null,
    source_type text not null,
    is_read boolean not null,
    first_extraction_id bigint not null references ops.extraction,
    last_extraction_id bigint not null references ops.extraction,
    primary key (table_name, column_name)
);

create table if not exists ops.source_module (
    module_name text primary key,
    version text not null,
    extraction_id bigint not null references ops.extraction
);

-- Rows of the source that no figure could survive. row_data may be personal: who exports or analyses does not see it.
create table if not exists ops.quarantine (
    table_name text not null,
    row_key text not null,
    reason text not null,
    row_data jsonb not null,
    first_extraction_id bigint not null references ops.extraction,
    last_extraction_id bigint not null references ops.extraction,
    resolved_extraction_id bigint references ops.extraction,
    primary key (table_name, row_key)
);

-- The moment whose rows stand for the end of an as-of day: that of the first complete extraction after it. A day before
-- the first extraction has that one's, a day that no extraction has passed yet the newest.
create or replace function ops.known_at(as_of_date date) returns timestamptz
language sql stable as $$
    select coalesce(
        min(extraction.source_snapshot_at) filter (
            where extraction.source_snapshot_at
            >= (known_at.as_of_date + 1)::timestamp at time zone warehouse.business_time_zone
        ),
        max(extraction.source_snapshot_at)
    )
    from ops.extraction as extraction
    cross join ops.warehouse as warehouse
    where extraction.state = 'complete'
$$;

-- The moment to read for a day for which the present does not stand; NULL where nothing has changed since.
create or replace function ops.past_moment(as_of_date date) returns timestamptz
language sql stable as $$
    select moment.known_at
    from (select ops.known_at(past_moment.as_of_date) as known_at) as moment
    where exists (
        select from ops.extracted_table as changed
        inner join ops.extraction as extraction on changed.extraction_id = extraction.extraction_id
        where
            coalesce(changed.snapshot_at, extraction.source_snapshot_at) > moment.known_at
            -- A row in quarantine may have ended a version without being counted.
            and (changed.changed_rows > 0 or changed.deleted_rows > 0 or changed.quarantined_rows > 0)
    )
$$;

-- The source's own totals, taken in the same snapshot, that the warehouse must agree with. Of the newest extractions
-- only; a table of the first shape is made anew.
do $$
begin
    if exists (
        select from information_schema.columns
        where table_schema = 'ops' and table_name = 'source_total' and column_name = 'measure'
    ) then
        drop table ops.source_total cascade;
    end if;
end
$$;
create table if not exists ops.source_total (
    extraction_id bigint not null references ops.extraction,
    table_name text not null,
    kind text,
    month_start_date date,
    company_id integer,
    currency_id integer,
    row_count bigint not null,
    not_finite_count bigint not null,
    net_amount numeric,
    tax_amount numeric,
    gross_amount numeric,
    unique nulls not distinct (extraction_id, table_name, kind, month_start_date, company_id, currency_id)
);

-- One row per model, seed and test of each dbt call, for the pipeline's own dashboard.
create table if not exists ops.dbt_result (
    generation bigint not null references ops.generation,
    layer text not null,
    unique_id text not null,
    status text not null,
    seconds numeric not null,
    rows_affected bigint,
    message text,
    recorded_at timestamptz not null default now()
);

create table if not exists ops.exported_list (
    campaign text not null,
    as_of_date date not null,
    file_path text not null,
    row_count bigint not null,
    sha256 text not null,
    exported_at timestamptz not null default now(),
    primary key (campaign, as_of_date)
);
-- The as-of day of the run that removed its files, being older than exported_list_days.
alter table ops.exported_list add column if not exists dropped_date date;

grant usage on schema ops to creamery_loader, creamery_transformer, creamery_exporter;
grant select on all tables in schema ops to creamery_loader, creamery_transformer, creamery_exporter;
grant insert, update, delete on ops.writer to creamery_loader, creamery_transformer, creamery_exporter;
grant insert, update, delete on ops.warehouse, ops.extraction, ops.extracted_table, ops.source_total to creamery_loader;
grant insert, update, delete on ops.source_table, ops.source_column, ops.source_module to creamery_loader;
grant insert, update, delete on ops.quarantine to creamery_loader;
revoke select on ops.quarantine from creamery_exporter;
grant insert, update, delete on ops.generation, ops.publication, ops.published_day to creamery_transformer;
grant insert, update, delete on ops.dbt_result to creamery_transformer;
grant insert, update on ops.exported_list to creamery_exporter;
