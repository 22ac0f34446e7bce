-- Plans of expiries of loyalty points, readable before anything is written. What became of each lot is in
-- push.loyalty_expiry (sql/loyalty.sql). No personal data: programs, cards, lots and points.

-- One row per plan. A newer plan supersedes what had not begun.
create table if not exists push.loyalty_plan (
    plan_id bigint generated always as identity primary key,
    as_of_date date not null,
    source_kind text not null check (source_kind in ('odoo', 'addon')),
    -- The moment whose rows the plan was computed from: what changed since is found out card by card.
    known_at timestamptz not null,
    state text not null default 'planned' check (
        state in (
            'planned', 'awaiting approval', 'approved', 'rejected', 'applied', 'verified', 'superseded', 'report only'
        )
    ),
    lot_count integer not null default 0,
    card_count integer not null default 0,
    points numeric not null default 0,
    -- Points on all cards of the programs in the plan.
    points_outstanding numeric not null default 0,
    -- What a person is asked to look at; empty where the plan may go ahead by itself.
    concerns text[] not null default '{}',
    decided_by text,
    planned_at timestamptz not null default now(),
    decided_at timestamptz,
    finished_at timestamptz
);

-- One row per plan and card (or account of the add-on): what the warehouse knew of it when it computed the plan.
create table if not exists push.loyalty_plan_card (
    plan_id bigint not null references push.loyalty_plan on delete cascade,
    card_id integer not null,
    program_id integer not null,
    balance numeric not null,
    -- The card's log up to then: empty where Odoo keeps none (16 and 17).
    entry_count bigint,
    last_entry_id bigint,
    points_issued numeric,
    points_used numeric,
    primary key (plan_id, card_id)
);

-- One row per plan and lot, in the order in which uses consume the lots of a card.
create table if not exists push.loyalty_plan_lot (
    plan_id bigint not null,
    card_id integer not null,
    position integer not null,
    expiry_key text not null,
    lot_key text not null,
    expiry_date date not null,
    points numeric not null check (points > 0),
    primary key (plan_id, expiry_key),
    foreign key (plan_id, card_id) references push.loyalty_plan_card on delete cascade
);

grant select, insert, update, delete on push.loyalty_plan, push.loyalty_plan_card, push.loyalty_plan_lot
to creamery_pusher;
grant select on push.loyalty_plan, push.loyalty_plan_card, push.loyalty_plan_lot to creamery_transformer;
