-- Abandoned carts, looked at every quarter of an hour, apart from the night: what is open in the web shop, which
-- reminders were due and what became of each. Personal data (names, addresses): role creamery_carts alone writes and
-- reads it.
do $$
begin
    if not exists (select 1 from pg_roles where rolname = 'creamery_carts') then
        create role creamery_carts nologin;
    end if;
end
$$;
grant creamery_carts to creamery_pipeline;

create schema if not exists carts;
grant usage on schema carts, ops to creamery_carts;

-- How far the runs have come; a run for an earlier moment is refused. What was due before the first run is let pass:
-- nobody is reminded of a cart of last month because Creamery was installed.
create table if not exists carts.progress (
    is_only boolean primary key default true check (is_only),
    first_as_of timestamptz not null,
    last_as_of timestamptz not null
);

-- One run that changed anything, with the moment it is of.
create table if not exists carts.generation (
    generation bigint generated always as identity primary key,
    as_of timestamptz not null,
    read_carts integer not null default 0,
    closed_carts integer not null default 0,
    decided_steps integer not null default 0,
    handed_over_steps integer not null default 0,
    recorded_at timestamptz not null default now()
);

-- One cart of a known customer, as it was last read. A cart in Odoo is the draft order itself.
create table if not exists carts.cart (
    cart_id integer primary key, -- sale_order.id
    order_name text not null,
    website_id integer not null,
    company_id integer not null,
    partner_id integer not null, -- who filled it
    customer_id integer not null, -- its commercial entity
    customer_name text,
    email text,
    created_at timestamptz not null,
    last_activity_at timestamptz not null,
    source_stamp timestamp not null,
    currency text not null,
    cart_total numeric not null, -- with tax, in the cart's currency
    net_in_company_currency numeric,
    items jsonb not null,
    cart_link text,
    -- Why nobody is reminded of it, apart from what the contact decides.
    excluded_because text,
    status text not null check (
        status in ('open', 'abandoned', 'recovery_started', 'recovered', 'ordered', 'expired', 'excluded', 'gone')
    ),
    order_model text,
    order_id integer,
    ordered_at timestamptz,
    first_generation bigint not null references carts.generation,
    last_generation bigint not null references carts.generation
);
create index if not exists cart__open on carts.cart (cart_id)
where status in ('open', 'abandoned', 'recovery_started', 'excluded');

-- One reminder of a cart, which is due once: outcome 'due' until the live check, then 'handed over' or the reason.
create table if not exists carts.step (
    cart_id integer not null references carts.cart,
    step integer not null,
    due_at timestamptz not null,
    outcome text not null,
    address text,
    offer_code text unique,
    generation bigint not null references carts.generation,
    -- The file that it is in; given before the file is written, so that a second try writes the same one.
    list_generation bigint references carts.generation,
    handed_over_at timestamptz,
    primary key (cart_id, step)
);
create index if not exists step__due on carts.step (cart_id) where outcome = 'due';

-- What makes discount codes unguessable, and the same when they are asked for again.
create table if not exists carts.secret (
    is_only boolean primary key default true check (is_only),
    value text not null
);
insert into carts.secret (value)
select gen_random_uuid()::text || gen_random_uuid()::text
on conflict do nothing;

grant select, insert, update on carts.progress, carts.generation, carts.cart, carts.step to creamery_carts;
grant delete on carts.generation to creamery_carts;
grant select on carts.secret to creamery_carts;
grant select on ops.warehouse, ops.publication to creamery_carts;

-- Reminders count towards the caps of campaigns.
grant usage on schema push to creamery_carts;
grant select, insert on push.list_stay to creamery_carts;

-- Who gets no marketing at all this year, drawn as campaigns draw it (macro is_in_global_control), without their salt.
create or replace function carts.is_in_global_control(customer_sk bigint, as_of_date date, percent numeric)
returns boolean
language sql stable security definer
set search_path = pg_catalog as $$
    select campaigns.share_of(concat_ws('|', 'global control', extract(year from as_of_date), customer_sk))
        < percent / 100.0
$$;
revoke execute on function carts.is_in_global_control(bigint, date, numeric) from public;
grant execute on function carts.is_in_global_control(bigint, date, numeric) to creamery_carts;

-- The warehouse's key of a customer, as the macro surrogate_key makes it.
create or replace function carts.customer_sk(customer_id integer) returns bigint
language sql immutable as $$
    select ('x' || substr(md5('customer|' || customer_id), 1, 16))::bit(64)::bigint
$$;
