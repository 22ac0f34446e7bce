"""What of the contract this source offers, as its own catalogue says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from creamery.extract.contract import SourceColumn, SourceTable


@dataclass(frozen=True, slots=True)
class OfferedColumn:
    """A column of the source: its type there, and whether the login may read it."""

    source_type: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How one table will be read.

    `source_names` leads from each column that can be read to its name in this source, `offered` holds everything that
    the source's table has, `source_bytes` its size there. `problem` says what stands against reading it.
    """

    table: SourceTable
    source_table: str
    offered: Mapping[str, OfferedColumn]
    source_names: Mapping[str, str]
    source_bytes: int
    problem: str | None

    @property
    def is_absent(self) -> bool:
        return not self.offered

    @property
    def present(self) -> tuple[SourceColumn, ...]:
        return tuple(column for column in self.table.columns if column.name in self.source_names)

    @property
    def missing_columns(self) -> list[str]:
        return [column.name for column in self.table.columns if column.name not in self.source_names]

    @property
    def unread_columns(self) -> dict[str, str]:
        """Columns that the contract does not name, with their type."""
        read = set(self.source_names.values())
        return {name: column.source_type for name, column in self.offered.items() if name not in read}

    @property
    def hidden_columns(self) -> set[str]:
        """Columns, by their name in this source, that the contract names but the login may not read."""
        names = {name for column in self.missing_columns for name in (column, self.table.former_columns.get(column))}
        return {name for name in self.offered if name in names}

    @property
    def relation(self) -> sql.Identifier:
        return sql.Identifier(self.table.schema, self.source_table)

    @property
    def condition(self) -> sql.SQL:
        """Which of the source's rows are read."""
        return sql.SQL(self.table.only or "true")

    def source_column(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.source_names[name])

    def source_value(self, column: SourceColumn) -> sql.Composable:
        """The column in its raw type."""
        name = self.source_column(column.name)
        source_type = self.offered[self.source_names[column.name]].source_type
        if column.raw_type == "jsonb" and source_type not in ("json", "jsonb"):
            return sql.SQL("to_jsonb({})").format(name)  # translated in a later Odoo, plain in this one
        return sql.SQL("{}::{}").format(name, sql.SQL(column.raw_type))


def plan_tables(connection: psycopg.Connection, contract: Iterable[SourceTable]) -> list[TablePlan]:
    """One plan per table of the contract, also for those that are absent or cannot be read."""
    catalogue = _catalogue(connection)
    return [_plan(connection, table, catalogue) for table in contract]


def installed_modules(connection: psycopg.Connection) -> dict[str, str]:
    """Version by name of each installed Odoo module; empty where the login may not see them."""
    readable = connection.execute(
        "select coalesce(has_any_column_privilege(to_regclass('public.ir_module_module'), 'select'), false)"
    ).fetchone()
    if readable != (True,):
        return {}
    rows = connection.execute(
        "select name, coalesce(latest_version, '') from public.ir_module_module where state = 'installed'"
    ).fetchall()
    return dict(rows)


def _plan(connection: psycopg.Connection, table: SourceTable, catalogue: Mapping[str, "_Offered"]) -> TablePlan:
    names = [name for name in (table.name, table.former_name) if name and f"{table.schema}.{name}" in catalogue]
    name = names[0] if names else table.name
    offered = catalogue.get(f"{table.schema}.{name}", _Offered(0, {}))
    source_names = {}
    for column in table.columns:
        candidates = (column.name, table.former_columns.get(column.name))
        for candidate in candidates:
            if candidate in offered.columns and offered.columns[candidate].is_readable:
                source_names[column.name] = candidate
                break
    problem = _problem(table, offered.columns, source_names, connection.info.user)
    return TablePlan(table, name, offered.columns, source_names, offered.source_bytes, problem)


def _problem(
    table: SourceTable, offered: Mapping[str, OfferedColumn], source_names: Mapping[str, str], login: str
) -> str | None:
    if not offered:
        if table.is_optional:
            return None
        return f"table {table.name} does not exist: its Odoo module {table.module} is not installed"
    missing = [column.name for column in table.required if column.name not in source_names]
    if not missing:
        return None
    forbidden = [name for name in missing if name in offered or table.former_columns.get(name) in offered]
    if forbidden:
        return (
            f"login {login} may not read {_listed(table, forbidden)}: run sql/odoo_reader.sql in the Odoo database "
            "(docs/security.md), or grant SELECT on it"
        )
    return (
        f"{_listed(table, missing)} does not exist: install the Odoo module that adds it, or name its successor in "
        f"plugins/creamery/extract/contract ({table.module})"
    )


def _listed(table: SourceTable, names: list[str]) -> str:
    return "column " + ", ".join(f"{table.name}.{name}" for name in names)


@dataclass(frozen=True, slots=True)
class _Offered:
    """A relation of the source."""

    source_bytes: int
    columns: dict[str, OfferedColumn]


def _catalogue(connection: psycopg.Connection) -> dict[str, _Offered]:
    """Every relation of the source as 'schema.name'."""
    rows = connection.execute(
        # By relpages: pg_relation_size would wait for whoever has locked a table, be it one that is not even read.
        "select namespace.nspname || '.' || class.relname,"
        " greatest(class.relpages, 0) * current_setting('block_size')::int8, attribute.attname,"
        " format_type(attribute.atttypid, null),"
        " has_schema_privilege(namespace.oid, 'usage')"
        " and has_column_privilege(class.oid, attribute.attnum, 'select')"
        " from pg_class as class"
        " join pg_namespace as namespace on class.relnamespace = namespace.oid"
        " join pg_attribute as attribute on class.oid = attribute.attrelid"
        " where namespace.nspname not like 'pg\\_%' and namespace.nspname <> 'information_schema'"
        " and class.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and attribute.attnum > 0 and not attribute.attisdropped"
        " order by 1, attribute.attnum"
    ).fetchall()
    catalogue: dict[str, _Offered] = {}
    for relation, source_bytes, column, source_type, is_readable in rows:
        offered = catalogue.setdefault(relation, _Offered(source_bytes, {}))
        offered.columns[column] = OfferedColumn(source_type, is_readable)
    return catalogue
