-- What marketers read besides the reporting views: who may be contacted, and how. Views in this schema are the only way
-- that their login has to contact data; suppressed people are not in them.
create schema if not exists marketing authorization creamery_transformer;
grant usage on schema marketing, reporting to creamery_marketer;
grant select on all tables in schema marketing, reporting to creamery_marketer;
alter default privileges for role creamery_transformer in schema marketing grant select on tables to creamery_marketer;
alter default privileges for role creamery_transformer in schema reporting grant select on tables to creamery_marketer;
