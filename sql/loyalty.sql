-- Expiries of loyalty points on their way into the source. The ledger (star.fact_loyalty_ledger) takes rows that are
-- done as inputs, bound to their lot; nothing here is personal.
create table if not exists push.loyalty_expiry (
    expiry_key text primary key, -- names the lot, and how often it has expired; the source's history row carries it
    source_kind text not null check (source_kind in ('odoo', 'addon')),
    program_id integer not null,
    card_id integer not null, -- loyalty_card.id, of the add-on customer_loyalty.id
    lot_key text not null,
    points numeric not null check (points > 0),
    expiry_date date not null, -- the lot's own
    state text not null default 'planned' check (state in ('planned', 'sending', 'done', 'rejected', 'compensated')),
    planned_at timestamptz not null default now(),
    pushed_at timestamptz, -- when the source acknowledged it
    message text,
    check (state <> 'done' or pushed_at is not null)
);
create index if not exists loyalty_expiry__card on push.loyalty_expiry (source_kind, card_id);

grant usage on schema push to creamery_transformer, creamery_pusher;
grant select on push.loyalty_expiry to creamery_transformer;
grant select, insert, update, delete on push.loyalty_expiry to creamery_pusher;
