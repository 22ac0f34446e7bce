"""What of the contract this source offers, as its own catalogue says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg

from creamery.errors import ContractError
from creamery.extract.contract import SourceColumn, SourceTable


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How one table will be read: the columns that exist with the type they have in the source."""

    table: SourceTable
    source_types: Mapping[str, str]

    @property
    def is_absent(self) -> bool:
        return not self.source_types

    @property
    def present(self) -> tuple[SourceColumn, ...]:
        return tuple(column for column in self.table.columns if column.name in self.source_types)

    @property
    def missing_columns(self) -> list[str]:
        return [column.name for column in self.table.columns if column.name not in self.source_types]


def plan_tables(connection: psycopg.Connection, contract: Iterable[SourceTable]) -> list[TablePlan]:
    """One plan per table of the contract. Raises ContractError naming everything required that is missing."""
    catalogue = _readable_columns(connection)
    plans, problems = [], []
    for table in contract:
        offered = catalogue.get(table.name, {})
        problems += _problems(table, offered)
        wanted = {column.name for column in table.columns}
        plans.append(TablePlan(table, {name: kind for name, kind in offered.items() if name in wanted}))
    if problems:
        raise ContractError(
            f"Odoo database {connection.info.dbname} lacks {', '.join(problems)}, or the login may not read it. "
            "Grant SELECT on it to the login of the connection odoo_postgres, or install the module that adds it."
        )
    return plans


def _problems(table: SourceTable, offered: Mapping[str, str]) -> list[str]:
    if not offered:
        return [] if table.is_optional else [f"table {table.name}"]
    return [f"column {table.name}.{column.name}" for column in table.required if column.name not in offered]


def _readable_columns(connection: psycopg.Connection) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select class.relname, attribute.attname, format_type(attribute.atttypid, null)"
        " from pg_class as class"
        " join pg_attribute as attribute on class.oid = attribute.attrelid"
        " where class.relnamespace = 'public'::regnamespace"
        " and class.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and attribute.attnum > 0 and not attribute.attisdropped"
        " and has_column_privilege(class.oid, attribute.attnum, 'select')"
    ).fetchall()
    catalogue: dict[str, dict[str, str]] = {}
    for table, column, column_type in rows:
        catalogue.setdefault(table, {})[column] = column_type
    return catalogue
