-- Campaigns: their definitions, and who was enrolled in which, when, by what. Python writes once a day, dbt reads it
-- back as a source. A day that is run again is replaced.

create schema if not exists campaigns authorization creamery_transformer;

-- One row per campaign that was ever defined; one that is gone keeps its row and its history.
create table if not exists campaigns.campaign (
    campaign_name text primary key,
    title text not null,
    campaign_description text not null,
    campaign_type text not null,
    category text not null,
    is_service boolean not null,
    priority integer not null,
    control_percent integer not null,
    cool_down_days integer not null,
    max_sends integer not null,
    max_sends_days integer not null,
    conversion_window_days integer not null,
    expires_after_days integer not null,
    ends_on_order boolean not null,
    offer_prefix text,
    definition jsonb not null,
    definition_hash text not null,
    last_enrolled_date date,
    last_error text,
    removed_date date
);

-- A delay counts from the step before, the first one's from the enrolment.
create table if not exists campaigns.campaign_step (
    campaign_name text not null references campaigns.campaign,
    step integer not null check (step > 0),
    list_name text not null unique,
    channel text not null check (channel in ('email', 'sms')),
    delay_days integer not null check (delay_days >= 0),
    primary key (campaign_name, step)
);

-- One row per customer and occurrence of the campaign's trigger (trigger_key: which order, entry, anniversary ...).
create table if not exists campaigns.enrolment (
    enrolment_sk bigint primary key,
    campaign_name text not null references campaigns.campaign,
    customer_sk bigint not null,
    trigger_key text not null,
    trigger_date date not null,
    order_sk bigint,
    enrolled_date date not null,
    -- As drawn; results are analysed by it, whatever happened later.
    arm text not null check (arm in ('treated', 'control group', 'global control group')),
    offer_code text unique,
    enrolment_status text not null default 'active' check (
        enrolment_status in (
            'active', 'completed', 'converted', 'won_back', 'exhausted', 'expired', 'unsubscribed', 'cancelled'
        )
    ),
    ended_date date,
    unique (campaign_name, customer_sk, trigger_key),
    check ((enrolment_status = 'active') = (ended_date is null))
);
create unique index if not exists enrolment__active
on campaigns.enrolment (campaign_name, customer_sk) where enrolment_status = 'active';
create index if not exists enrolment__customer on campaigns.enrolment (customer_sk);

-- Steps that an enrolled customer did not need any more.
create table if not exists campaigns.skipped_step (
    enrolment_sk bigint not null references campaigns.enrolment on delete cascade,
    step integer not null,
    skipped_date date not null,
    primary key (enrolment_sk, step)
);

-- Every execution of a trigger: one row per day, campaign and customer; without a customer where the campaign failed.
create table if not exists campaigns.trigger_log (
    as_of_date date not null,
    campaign_name text not null references campaigns.campaign,
    customer_sk bigint,
    trigger_key text,
    trigger_date date,
    execution_status text not null check (execution_status in ('success', 'failed', 'skipped', 'rate_limited')),
    reason text,
    unique (as_of_date, campaign_name, customer_sk)
);

-- What makes offer codes unguessable and draws of control groups this warehouse's own. Made once, never shown.
create table if not exists campaigns.secret (
    is_only boolean primary key default true check (is_only),
    salt bytea not null
);
insert into campaigns.secret (salt)
select sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
where not exists (select from campaigns.secret);

-- A number from 0 to below 1 that belongs to the text, always the same in this warehouse.
create or replace function campaigns.share_of(subject text) returns double precision
language sql stable as $$
    select ('x' || encode(substring(sha256(secret.salt || convert_to(subject, 'UTF8')) for 6), 'hex'))::bit(48)::bigint
        / 281474976710656.0
    from campaigns.secret as secret
$$;

-- PREFIX-XXXXXXXXXXXX: 60 bits in letters and digits that nobody confuses.
create or replace function campaigns.offer_code(prefix text, subject text) returns text
language sql stable as $$
    select prefix || '-' || string_agg(
        substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', get_byte(hashes.hash, place) % 32 + 1, 1), '' order by place
    )
    from campaigns.secret as secret
    cross join lateral (
        select sha256(secret.salt || sha256(secret.salt || convert_to(subject, 'UTF8'))) as hash
    ) as hashes
    cross join generate_series(0, 11) as place
$$;

grant select, insert, update, delete
on campaigns.campaign, campaigns.campaign_step, campaigns.enrolment, campaigns.skipped_step, campaigns.trigger_log
to creamery_transformer;
grant select on campaigns.secret to creamery_transformer;
revoke execute on function campaigns.share_of(text), campaigns.offer_code(text, text) from public;
grant execute on function campaigns.share_of(text), campaigns.offer_code(text, text) to creamery_transformer;

-- Before there were campaigns: the lists hold the same.
do $$
begin
    if to_regclass('audiences.audience_win_back') is not null then
        drop table audiences.audience_win_back;
    end if;
end
$$;
