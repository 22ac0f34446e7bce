-- Roles of one PostgreSQL server. Group roles hold the rights, logins only membership: whoever logs in as
-- creamery_pipeline can do nothing until it takes the role that its step needs (set role). See docs/security.md.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['creamery_loader', 'creamery_transformer', 'creamery_exporter', 'creamery_pusher'] loop
        if not exists (select 1 from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
    end loop;
    foreach role_name in array array['creamery_pipeline', 'creamery_bi_reader', 'creamery_marketer'] loop
        if not exists (select 1 from pg_roles where rolname = role_name) then
            execute format('create role %I login noinherit', role_name);
        end if;
    end loop;
end
$$;

grant creamery_loader to creamery_pipeline;
grant creamery_transformer to creamery_pipeline;
grant creamery_exporter to creamery_pipeline;
-- The weekly report reads what the dashboards may read.
grant creamery_bi_reader to creamery_pipeline;
grant creamery_pusher to creamery_pipeline;

-- A dashboard query that runs for a minute is a mistake, and a reader never writes.
alter role creamery_bi_reader set statement_timeout = '60s';
alter role creamery_bi_reader set default_transaction_read_only = on;
alter role creamery_marketer set statement_timeout = '60s';
alter role creamery_marketer set default_transaction_read_only = on;
-- Views over many small tables: compiling a query takes longer than running it.
alter role creamery_bi_reader set jit = off;
alter role creamery_marketer set jit = off;
