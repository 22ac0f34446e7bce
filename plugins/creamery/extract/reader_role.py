"""The SQL of the source's least-privileged login: `python -m creamery.extract.reader_role` writes sql/odoo_reader.sql.

The login may read the columns that the contract names, under every name that an Odoo has for them, and nothing else.
One file serves all versions: it grants what it finds.
"""

import sys
import textwrap

from creamery.extract.contract import CONTRACT, SourceTable

ROLE = "creamery_reader"

# What a condition of the contract (`only`) looks at without its being read.
_CONDITION_COLUMNS = {"ir_default": ("user_id",)}

_SCRIPT = """\
-- The login with which Creamery reads an Odoo database: the columns of its source contract and nothing else.
-- Generated: python -m creamery.extract.reader_role > sql/odoo_reader.sql
--
-- To be run in the Odoo database by a superuser, or by whoever owns Odoo's tables and may create roles:
--
--     psql -d odoo -f odoo_reader.sql
--     psql -d odoo -c '\\password {role}'
--
-- Run it again after Odoo modules were installed, after an upgrade of Odoo and after one of Creamery: it takes back
-- whatever the role was granted in this database, and grants anew what is there.
begin;

do $$
begin
    if not exists (select from pg_roles where rolname = '{role}') then
        create role {role} login;
    end if;
    if exists (
        select from pg_roles as role
        where role.rolname = '{role}'
        and (
            role.rolsuper or role.rolcreaterole or role.rolcreatedb or role.rolreplication or role.rolbypassrls
            or exists (select from pg_auth_members as membership where membership.member = role.oid)
        )
    ) then
        raise exception 'Role {role} has rights that no grant in this database can limit.'
            using hint = 'Take its attributes and memberships away, or drop it and run this file again.';
    end if;
end
$$;

alter role {role} set default_transaction_read_only = on;

do $$
declare
    granted text;
begin
    for granted in
        select format('%I.%I', namespace.nspname, class.relname)
        from pg_class as class
        join pg_namespace as namespace on class.relnamespace = namespace.oid
        where exists (select from aclexplode(class.relacl) as held where held.grantee = '{role}'::regrole)
        or exists (
            select from pg_attribute as attribute, aclexplode(attribute.attacl) as held
            where attribute.attrelid = class.oid and held.grantee = '{role}'::regrole
        )
    loop
        execute format('revoke all on %s from {role}', granted);
    end loop;
    for granted in
        select namespace.nspname from pg_namespace as namespace, aclexplode(namespace.nspacl) as held
        where held.grantee = '{role}'::regrole
    loop
        execute format('revoke all on schema %I from {role}', granted);
    end loop;
    execute format('grant connect on database %I to {role}', current_database());
end
$$;

grant usage on schema public to {role};

-- Tells one Odoo from another. The other parameters stay hidden: secrets are among them. Without the barrier a
-- function in the reader's own condition would see them before the view's condition does.
create schema if not exists creamery;
grant usage on schema creamery to {role};
do $$
begin
    if to_regclass('public.ir_config_parameter') is not null then
        create or replace view creamery.database_uuid with (security_barrier) as
            select value from public.ir_config_parameter where key = 'database.uuid';
        grant select on creamery.database_uuid to {role};
    end if;
    if to_regnamespace('operational') is not null then
        grant usage on schema operational to {role};
    end if;
end
$$;

do $$
declare
    present record;
begin
    for present in
        select
            wanted.schema_name,
            wanted.table_name,
            string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum) as column_names
        from (values
{tables}
        ) as wanted (schema_name, table_name, column_names)
        join pg_attribute as attribute
            on attribute.attrelid = to_regclass(format('%I.%I', wanted.schema_name, wanted.table_name))
            and attribute.attname = any (string_to_array(wanted.column_names, ' '))
        where attribute.attnum > 0 and not attribute.attisdropped
        group by wanted.schema_name, wanted.table_name
    loop
        execute format(
            'grant select (%s) on %I.%I to {role}',
            present.column_names, present.schema_name, present.table_name
        );
    end loop;
end
$$;

commit;
"""


def script() -> str:
    """sql/odoo_reader.sql."""
    return _SCRIPT.format(role=ROLE, tables=",\n".join(_row(*table) for table in _columns_by_table()))


def _columns_by_table() -> list[tuple[str, str, list[str]]]:
    """Schema, table and columns, each table under its newest and its former name."""
    return [
        (table.schema, name, _column_names(table))
        for table in CONTRACT
        for name in (table.name, table.former_name)
        if name
    ]


def _column_names(table: SourceTable) -> list[str]:
    names = [column.name for column in table.columns]
    return [*names, *table.former_columns.values(), *_CONDITION_COLUMNS.get(table.name, ())]


def _row(schema: str, table: str, columns: list[str]) -> str:
    """One row of the values list; literals on consecutive lines are one string."""
    lines = textwrap.wrap(" ".join(columns), width=95, break_long_words=False)
    literals = [f"'{line} '" for line in lines[:-1]] + [f"'{lines[-1]}'"]
    listed = "".join(f"\n                {literal}" for literal in literals)
    return f"            ('{schema}', '{table}',{listed})"


if __name__ == "__main__":
    sys.stdout.write(script())
