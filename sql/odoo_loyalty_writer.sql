-- The login with which Creamery takes expired points off balances in an Odoo database, and nothing else: Odoo's own
-- cards (16 to 19.0), and the accounts of the add-on (sql/operational/10_loyalty.sql) where there are any. On these it
-- also awards points and tiers, where the shop switches that on (docs/loyalty-push.md).
--
-- To be run in the Odoo database by a superuser, or by whoever owns these tables and may create roles:
--
--     psql -d odoo -f odoo_loyalty_writer.sql
--     psql -d odoo -c '\password creamery_loyalty_writer'
--
-- Run it again after an upgrade of Odoo and after one of Creamery: it takes back whatever the role was granted in this
-- database, and grants anew what is there.
begin;

do $$
begin
    if not exists (select from pg_roles where rolname = 'creamery_loyalty_writer') then
        create role creamery_loyalty_writer login;
    end if;
    if exists (
        select from pg_roles as role
        where role.rolname = 'creamery_loyalty_writer'
        and (
            role.rolsuper or role.rolcreaterole or role.rolcreatedb or role.rolreplication or role.rolbypassrls
            or exists (select from pg_auth_members as membership where membership.member = role.oid)
        )
    ) then
        raise exception 'Role creamery_loyalty_writer has rights that no grant in this database can limit.'
            using hint = 'Take its attributes and memberships away, or drop it and run this file again.';
    end if;
end
$$;

-- What was expired, and the proof that it was; a card_id is that of a card or of an account. The key lets each expiry
-- happen once. It is here because it has to be committed together with the balance. Odoo does not see it: its login has
-- no right on the schema.
create schema if not exists creamery;
create table if not exists creamery.points_expired (
    expiry_key text primary key check (length(expiry_key) <= 200),
    source_kind text not null check (source_kind in ('odoo', 'addon')),
    card_id integer not null,
    points numeric not null check (points > 0),
    balance_before numeric not null,
    balance_after numeric not null check (balance_after >= 0),
    written_at timestamptz not null default now()
);
create index if not exists points_expired_card_id_idx on creamery.points_expired (card_id);

-- The same of awards, on accounts of the add-on; a change of tier alone has no points.
create table if not exists creamery.points_awarded (
    award_key text primary key check (length(award_key) <= 200),
    card_id integer not null,
    points integer not null check (points >= 0),
    balance_before integer not null,
    balance_after integer not null,
    tier text,
    written_at timestamptz not null default now(),
    check (balance_after = balance_before + points),
    check ((points = 0) = (tier is not null))
);

do $$
declare
    granted text;
begin
    for granted in
        select format('%s %I.%I', case class.relkind when 'S' then 'sequence' else 'table' end,
            namespace.nspname, class.relname)
        from pg_class as class
        join pg_namespace as namespace on class.relnamespace = namespace.oid
        where exists (select from aclexplode(class.relacl) as held where held.grantee = 'creamery_loyalty_writer'::regrole)
        or exists (
            select from pg_attribute as attribute, aclexplode(attribute.attacl) as held
            where attribute.attrelid = class.oid and held.grantee = 'creamery_loyalty_writer'::regrole
        )
    loop
        execute format('revoke all on %s from creamery_loyalty_writer', granted);
    end loop;
    execute format('grant connect on database %I to creamery_loyalty_writer', current_database());
end
$$;

grant usage on schema public, creamery to creamery_loyalty_writer;
grant select, insert on creamery.points_expired, creamery.points_awarded to creamery_loyalty_writer;

do $$
begin
    -- Tells one Odoo from another; the same view as in odoo_reader.sql.
    if to_regclass('public.ir_config_parameter') is not null then
        create or replace view creamery.database_uuid with (security_barrier) as
            select value from public.ir_config_parameter where key = 'database.uuid';
        grant select on creamery.database_uuid to creamery_loyalty_writer;
    end if;
    if to_regclass('public.loyalty_card') is not null then
        grant select (id, program_type) on public.loyalty_program to creamery_loyalty_writer;
        grant select (id, program_id, points), update (points, write_date) on public.loyalty_card
        to creamery_loyalty_writer;
    end if;
    -- From 18 on.
    if to_regclass('public.loyalty_history') is not null then
        grant select (id, card_id, description, issued, used, create_date),
        insert (card_id, description, issued, used, create_date, write_date) on public.loyalty_history
        to creamery_loyalty_writer;
        grant usage on sequence public.loyalty_history_id_seq to creamery_loyalty_writer;
    end if;
    if to_regclass('operational.customer_loyalty') is not null then
        grant usage on schema operational to creamery_loyalty_writer;
        grant select (id, program_id, customer_id, points_balance, points_expired),
        update (points_balance, points_expired) on operational.customer_loyalty to creamery_loyalty_writer;
        grant select (id, loyalty_id, transaction_type, points, source_type, source_description),
        insert (
            loyalty_id, customer_id, transaction_type, points, balance_after, source_type, source_id,
            source_description
        ) on operational.loyalty_transaction to creamery_loyalty_writer;
        -- Awards beside expiries.
        grant select (id, tiers, points_expiry_months, is_active) on operational.loyalty_program
        to creamery_loyalty_writer;
        grant select (points_lifetime, current_tier, tier_qualified_at),
        update (points_lifetime, current_tier, tier_qualified_at, next_tier_points) on operational.customer_loyalty
        to creamery_loyalty_writer;
        grant select (customer_id, source_id), insert (expires_at) on operational.loyalty_transaction
        to creamery_loyalty_writer;
    end if;
end
$$;

commit;
