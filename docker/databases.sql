-- Airflow's and Superset's own databases on the warehouse's server, each with a login that owns nothing else.
-- Runs at every start: a password changed in .env takes effect. The warehouse: creamery.warehouse_bootstrap.
\set ON_ERROR_STOP on
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv superset_password SUPERSET_DB_PASSWORD

select format('create role %I login', login) from unnest(array['airflow', 'superset']) as login
where not exists (select from pg_roles where rolname = login) \gexec

alter role airflow password :'airflow_password';
alter role superset password :'superset_password';

select format('create database %I owner %I', login, login) from unnest(array['airflow', 'superset']) as login
where not exists (select from pg_database where datname = login) \gexec

revoke all on database airflow, superset, postgres from public;
