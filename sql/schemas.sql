-- Schemas of one warehouse, in the order of the flow, each owned by the role that writes it.
create schema if not exists raw_odoo authorization creamery_loader;
create schema if not exists seeds authorization creamery_transformer;
create schema if not exists staging authorization creamery_transformer;
create schema if not exists intermediate authorization creamery_transformer;
create schema if not exists star authorization creamery_transformer;
-- What stands for a past moment while its days are built; empty otherwise.
create schema if not exists staging_past authorization creamery_transformer;
create schema if not exists intermediate_past authorization creamery_transformer;
create schema if not exists star_past authorization creamery_transformer;
create schema if not exists marts authorization creamery_transformer;
-- The months of marts' snapshot facts.
create schema if not exists snapshots authorization creamery_transformer;
create schema if not exists scores authorization creamery_transformer;
create schema if not exists ml authorization creamery_transformer;
-- Features of past cut-offs while models are trained.
create schema if not exists training authorization creamery_transformer;
create schema if not exists audiences authorization creamery_transformer;
create schema if not exists push authorization creamery_transformer;
create schema if not exists reporting authorization creamery_transformer;
create schema if not exists ops;

grant usage on schema raw_odoo to creamery_transformer;
alter default privileges for role creamery_loader in schema raw_odoo grant select on tables to creamery_transformer;

-- Contact data lives in audiences: the exporter alone reads it besides its owner.
grant usage on schema audiences to creamery_exporter;
alter default privileges for role creamery_transformer in schema audiences grant select on tables to creamery_exporter;

grant usage on schema reporting to creamery_bi_reader;
alter default privileges for role creamery_transformer in schema reporting grant select on tables to creamery_bi_reader;

revoke all on schema public from public;
