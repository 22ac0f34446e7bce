-- The login with which Creamery puts lists into the add-on's tables (sql/operational) in an Odoo database: members of
-- segments, and recipients that wait to be sent to. It cannot send, change what was sent, or touch Odoo's own tables.
--
-- To be run in the Odoo database by a superuser, or by whoever owns these tables and may create roles:
--
--     psql -d odoo -f odoo_campaign_writer.sql
--     psql -d odoo -c '\password creamery_campaign_writer'
--
-- Run it again after an upgrade of the add-on and after one of Creamery: it takes back whatever the role was granted in
-- this database, and grants anew.
begin;

do $$
begin
    if not exists (select from pg_roles where rolname = 'creamery_campaign_writer') then
        create role creamery_campaign_writer login;
    end if;
    if exists (
        select from pg_roles as role
        where role.rolname = 'creamery_campaign_writer'
        and (
            role.rolsuper or role.rolcreaterole or role.rolcreatedb or role.rolreplication or role.rolbypassrls
            or exists (select from pg_auth_members as membership where membership.member = role.oid)
        )
    ) then
        raise exception 'Role creamery_campaign_writer has rights that no grant in this database can limit.'
            using hint = 'Take its attributes and memberships away, or drop it and run this file again.';
    end if;
    if to_regclass('operational.campaign_recipient') is null then
        raise exception 'This database has no table operational.campaign_recipient.'
            using hint = 'Install the marketing add-on, or run the files of sql/operational first.';
    end if;
end
$$;

do $$
declare
    granted text;
begin
    for granted in
        select format('%I.%I', namespace.nspname, class.relname)
        from pg_class as class
        join pg_namespace as namespace on class.relnamespace = namespace.oid
        where
            exists (
                select from aclexplode(class.relacl) as held
                where held.grantee = 'creamery_campaign_writer'::regrole
            )
            or exists (
                select from pg_attribute as attribute, aclexplode(attribute.attacl) as held
                where attribute.attrelid = class.oid and held.grantee = 'creamery_campaign_writer'::regrole
            )
    loop
        execute format('revoke all on %s from creamery_campaign_writer', granted);
    end loop;
    execute format('grant connect on database %I to creamery_campaign_writer', current_database());
end
$$;

-- Tells one Odoo from another; the same view as in odoo_reader.sql.
create schema if not exists creamery;
create or replace view creamery.database_uuid with (security_barrier) as
select value
from public.ir_config_parameter
where key = 'database.uuid';

grant usage on schema public, creamery, operational to creamery_campaign_writer;
grant select on creamery.database_uuid to creamery_campaign_writer;
grant select (id, email, email_normalized) on public.res_partner to creamery_campaign_writer;

grant
select,
insert (name, description, segment_type, filter_criteria, is_active, auto_refresh),
update (customer_count, last_calculated_at, updated_at)
on operational.customer_segment to creamery_campaign_writer;
grant select, insert (segment_id, customer_id, source), delete
on operational.segment_membership to creamery_campaign_writer;

-- A campaign begins as a draft, and a recipient as pending: no other state can be given.
grant
select,
insert (name, description, campaign_type, settings),
update (total_recipients, updated_at)
on operational.email_campaign to creamery_campaign_writer;
grant
select,
insert (campaign_id, customer_id, email_address, personalization_data, queued_at),
update (personalization_data),
delete
on operational.campaign_recipient to creamery_campaign_writer;
grant select (recipient_id, campaign_id, engagement_type)
on operational.email_engagement to creamery_campaign_writer;

commit;
