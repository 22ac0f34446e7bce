-- The model registry: what was fitted on which data, how well it foretold the past, and which fit serves on which
-- days. A training replaces what an earlier one of the same as-of day wrote.

-- One row per model that may serve a task.
create table if not exists ml.model (
    task text not null check (task in ('lifetime_value', 'churn', 'propensity', 'clusters')),
    model_name text not null,
    description text not null,
    -- What a model has to beat; it serves where no model can be fitted.
    is_baseline boolean not null,
    primary key (task, model_name)
);

-- One row per fit, of those that failed too. The artefact is plain numbers, no code.
create table if not exists ml.fit (
    fit_id bigint generated always as identity primary key,
    task text not null,
    model_name text not null,
    model_version text not null unique,
    as_of_date date not null,
    window_start_date date,
    window_end_date date,
    customer_count bigint not null,
    row_count bigint not null,
    has_converged boolean not null,
    failure text,
    parameters jsonb,
    parameters_sha256 text,
    metrics jsonb not null,
    data_fingerprint text not null,
    code_version text not null,
    fitted_at timestamptz not null default now(),
    foreign key (task, model_name) references ml.model,
    check (has_converged = (parameters is not null)),
    check (has_converged = (failure is null))
);

-- One row per training, model, cut-off, horizon, population and metric.
create table if not exists ml.backtest (
    task text not null,
    model_name text not null,
    as_of_date date not null,
    cutoff_date date not null,
    horizon_days integer not null,
    population text not null,
    metric text not null,
    metric_value double precision,
    row_count bigint not null,
    primary key (task, as_of_date, cutoff_date, horizon_days, population, metric, model_name),
    foreign key (task, model_name) references ml.model
);

-- One row per training, cut-off and bin of predictions: predicted against realised.
create table if not exists ml.calibration (
    task text not null,
    model_name text not null,
    as_of_date date not null,
    cutoff_date date not null,
    horizon_days integer not null,
    bin integer not null,
    row_count bigint not null,
    predicted double precision not null,
    realised double precision not null,
    coverage double precision,
    primary key (task, as_of_date, cutoff_date, horizon_days, model_name, bin),
    foreign key (task, model_name) references ml.model
);

-- One row per training and feature: how far it has moved since the newest cut-off (population stability index).
create table if not exists ml.drift (
    task text not null,
    as_of_date date not null,
    feature text not null,
    stability_index double precision not null,
    primary key (task, as_of_date, feature)
);

-- One row per decision about who serves a task: after the day of the training, the task's first decision from that day
-- on. fit_id NULL: the baseline.
create table if not exists ml.promotion (
    promotion_id bigint generated always as identity primary key,
    task text not null,
    model_name text not null,
    fit_id bigint references ml.fit,
    as_of_date date not null,
    kind text not null check (kind in ('promotion', 'retained', 'demotion')),
    reason text not null,
    decided_at timestamptz not null default now(),
    foreign key (task, model_name) references ml.model
);
create index if not exists promotion__task on ml.promotion (task, as_of_date);

grant select, insert, update, delete on all tables in schema ml to creamery_transformer;
