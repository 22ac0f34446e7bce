-- Every line of the file, good or bad: a bad one has a reason. Text sorts by byte: fast, and the same everywhere.
create temporary table import_line (
    line_number integer not null,
    order_id text collate "C",
    -- Read in the session's time zone, which is the file's; a time with its own offset keeps it. A local time
    -- that a clock change skips is taken an hour later, one that it repeats as winter time.
    ordered_at timestamptz,
    customer text collate "C",
    product text collate "C",
    description text collate "C",
    quantity numeric,
    unit_price numeric,
    value numeric,
    country text collate "C",
    currency text collate "C",
    is_cancelled boolean,
    reason text,
    detail text,
    source_row text
) on commit drop;

-- One row, so that statements can join what the user decided.
create temporary table import_option (
    database_uuid text not null,
    company_name text not null,
    time_zone text not null,
    currency text,
    currency_symbol text,
    currency_decimals integer,
    cancellation_prefix text,
    adjustment_prefix text,
    goods_pattern text
) on commit drop;

create temporary table import_country (
    name text collate "C" not null,
    iso_code text,
    iso_name text
) on commit drop;
