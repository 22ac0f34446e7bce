-- Experiments of campaigns: what is tried, whom the draw gave what, and what may be said of it day by day.
-- Python writes once a day, dbt reads it back as a source. A day that is run again is replaced.

alter table campaigns.enrolment add column if not exists variant text;
-- The experiment that drew the variant; without one the variant is what everybody gets after the verdict.
alter table campaigns.enrolment add column if not exists experiment_name text;

-- One row per experiment that was ever defined, <campaign>.<name>; its design stands once somebody was drawn.
create table if not exists campaigns.experiment (
    experiment_name text primary key,
    campaign_name text not null references campaigns.campaign,
    design jsonb not null,
    test_share double precision not null,
    total_weight double precision not null,
    -- The verdict, which falls once.
    decided_date date,
    outcome text,
    winner text,
    why text,
    check ((decided_date is null) = (outcome is null))
);

-- An arm is drawn where the draw times the total weight lies below `reached_weight`, and of several the first one.
create table if not exists campaigns.experiment_variant (
    experiment_name text not null references campaigns.experiment on delete cascade,
    variant text not null,
    place integer not null check (place > 0),
    reached_weight double precision not null,
    primary key (experiment_name, variant),
    unique (experiment_name, place)
);

-- One row per day, experiment, metric and variant. Figures of a test that was stopped are not shown.
create table if not exists campaigns.experiment_result (
    as_of_date date not null,
    experiment_name text not null references campaigns.experiment,
    metric text not null,
    variant text not null,
    is_primary boolean not null,
    is_control boolean not null,
    planned_size integer not null,
    drawn_count bigint not null,
    measured_count bigint not null,
    metric_value double precision,
    difference double precision,
    difference_low double precision,
    difference_high double precision,
    adjusted_p double precision,
    sample_ratio_p double precision not null,
    outcome text not null,
    winner text,
    why text not null,
    decided_date date,
    primary key (as_of_date, experiment_name, metric, variant)
);

-- A number of the customer from 0 to below 1: creamery.audiences.experiments.draw.
create or replace function campaigns.experiment_draw(experiment text, purpose text, customer_code text)
returns double precision
language sql immutable as $$
    select (
        'x' || left(encode(sha256(convert_to(concat_ws('|', experiment, purpose, customer_code), 'UTF8')), 'hex'), 15)
    )::bit(60)::bigint / 16 ^ 15::double precision
$$;

-- The arm of a customer; NULL for who takes no part: creamery.audiences.experiments.assign.
create or replace function campaigns.variant_of(experiment text, customer_code text) returns text
language sql stable as $$
    select variants.variant
    from campaigns.experiment as experiments
    inner join campaigns.experiment_variant as variants using (experiment_name)
    where experiments.experiment_name = experiment
        and campaigns.experiment_draw(experiment, 'takes part', customer_code) < experiments.test_share
        and campaigns.experiment_draw(experiment, 'arm', customer_code) * experiments.total_weight
            < variants.reached_weight
    order by variants.place
    limit 1
$$;

grant select, insert, update, delete
on campaigns.experiment, campaigns.experiment_variant, campaigns.experiment_result to creamery_transformer;
revoke execute
on function campaigns.experiment_draw(text, text, text), campaigns.variant_of(text, text) from public;
grant execute
on function campaigns.experiment_draw(text, text, text), campaigns.variant_of(text, text) to creamery_transformer;
