"""Odoo PostgreSQL -> schema raw_odoo: what is read (contract), what is there (probe), how it is moved (load)."""
