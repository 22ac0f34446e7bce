-- What was planned, written and acknowledged outside the warehouse. Addresses are personal data: only the pusher writes
-- and reads here, and dbt reads list_stay back as a source.

-- A destination and the system behind it: a ledger that met another one would undo what it never did.
create table if not exists push.destination (
    destination text primary key,
    system_identity text not null,
    pinned_at timestamptz not null default now()
);

-- Where a list of ours lies: for Odoo the id of its mailing list.
create table if not exists push.destination_list (
    destination text not null references push.destination,
    list_name text not null,
    remote_id bigint not null,
    noted_at timestamptz not null default now(),
    primary key (destination, list_name)
);

-- One row per difference computed for one list. A newer plan of the list supersedes what had not begun.
create table if not exists push.plan (
    plan_id bigint generated always as identity primary key,
    destination text not null references push.destination,
    list_name text not null,
    as_of_date date not null,
    generation bigint not null,
    kind text not null check (kind in ('audience', 'roll-back')),
    state text not null default 'planned' check (
        state in (
            'planned', 'awaiting approval', 'approved', 'rejected', 'applying', 'applied', 'verified', 'superseded'
        )
    ),
    held_count integer not null default 0,
    add_count integer not null default 0,
    remove_count integer not null default 0,
    keep_count integer not null default 0,
    -- What a person is asked to look at; empty where the plan may go ahead by itself.
    concerns text[] not null default '{}',
    decided_by text,
    planned_at timestamptz not null default now(),
    decided_at timestamptz,
    finished_at timestamptz
);
create index if not exists plan__list on push.plan (destination, list_name, plan_id);

-- One row per plan and address: what was there of ours (keep, remove) and what is to be (keep, add). The key is
-- stored before anything is written; a row moves on only when the destination has answered.
create table if not exists push.operation (
    operation_key text primary key,
    plan_id bigint not null references push.plan on delete cascade,
    action text not null check (action in ('add', 'remove', 'keep')),
    address text not null,
    customer_sk bigint,
    partner_id integer,
    member_name text,
    payload jsonb not null default '{}',
    state text not null default 'planned' check (state in ('planned', 'sending', 'done', 'rejected', 'suppressed')),
    reason text,
    sent_out_at timestamptz,
    settled_at timestamptz,
    unique (plan_id, address)
);
create index if not exists operation__address on push.operation (address);

-- What is or was in a destination of ours. Written on acknowledgement only; an open stay has removed_at null.
create table if not exists push.list_stay (
    destination text not null,
    list_name text not null,
    address text not null,
    customer_sk bigint,
    pushed_at timestamptz not null,
    sent_at timestamptz,
    removed_at timestamptz,
    primary key (destination, list_name, address, pushed_at)
);
create unique index if not exists list_stay__open on push.list_stay (destination, list_name, address)
where removed_at is null;

-- Who is not added (again). Taken out by a person: while they stay in the audience. Unsubscribed there: until they
-- subscribe again, even where a person has removed them since, and the wish with them.
create table if not exists push.hand_removal (
    destination text not null,
    list_name text not null,
    address text not null,
    is_unsubscribed boolean not null,
    noticed_at timestamptz not null default now(),
    primary key (destination, list_name, address)
);

grant usage on schema push, audiences, ops to creamery_pusher;
grant select on all tables in schema ops to creamery_pusher;
revoke select on ops.quarantine from creamery_pusher;
grant select on all tables in schema audiences to creamery_pusher;
alter default privileges for role creamery_transformer in schema audiences grant select on tables to creamery_pusher;
grant select, insert, update, delete on push.destination, push.destination_list to creamery_pusher;
grant select, insert, update, delete on push.plan, push.operation to creamery_pusher;
grant select, insert, update, delete on push.list_stay, push.hand_removal to creamery_pusher;
grant select on push.list_stay, push.plan to creamery_transformer;
