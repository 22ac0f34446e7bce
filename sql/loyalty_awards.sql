-- Awards of points and tiers on their way into the add-on's tables. No personal data: programs, accounts and points.

-- What a plan is of. Awards are counted in lot_count, their accounts in card_count.
alter table push.loyalty_plan add column if not exists purpose text not null default 'expiries'
check (purpose in ('expiries', 'awards'));

-- One row per award, under the key that the source's entry carries.
create table if not exists push.loyalty_award (
    award_key text primary key,
    source_kind text not null default 'addon' check (source_kind = 'addon'),
    program_id integer not null,
    card_id integer not null, -- customer_loyalty.id
    award_type text not null check (award_type in ('order', 'signup', 'review', 'referral', 'birthday', 'tier')),
    source_id integer, -- order or rating
    occurred_date date not null,
    points numeric not null check (points >= 0), -- 0: a tier alone
    state text not null default 'planned' check (state in ('planned', 'sending', 'done', 'rejected')),
    planned_at timestamptz not null default now(),
    pushed_at timestamptz, -- when the source acknowledged it
    message text,
    check (state <> 'done' or pushed_at is not null)
);
create index if not exists loyalty_award__card on push.loyalty_award (card_id);

-- One row per plan and award, in the order in which an account gets them.
create table if not exists push.loyalty_plan_award (
    plan_id bigint not null references push.loyalty_plan on delete cascade,
    award_key text not null,
    card_id integer not null,
    position integer not null,
    entry_limit integer, -- entries of the type that the account may have in the end; empty where source_id tells
    allow_downgrade boolean not null,
    primary key (plan_id, award_key)
);

grant select, insert, update, delete on push.loyalty_award, push.loyalty_plan_award to creamery_pusher;
grant select on push.loyalty_award, push.loyalty_plan_award to creamery_transformer;
