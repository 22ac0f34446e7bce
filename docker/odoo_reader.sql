-- The trial Odoo's read-only login (profile odoo); runs once, when its server is created.
-- For a shop's own Odoo grant the tables of the source contract only: docs/security.md.
\getenv reader_password ODOO_READER_PASSWORD
create role odoo_reader login password :'reader_password' in role pg_read_all_data;
alter role odoo_reader set default_transaction_read_only = on;
