"""Source snapshot -> raw_odoo, streamed by COPY in binary form; memory does not grow with rows."""

import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

from creamery.errors import SourceError
from creamery.extract.contract import SourceColumn, SourceTable
from creamery.extract.probe import TablePlan

RAW_SCHEMA = "raw_odoo"
_WRITE_BYTES = 256 * 1024  # COPY hands over one row at a time; writing each alone costs a third of the speed


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """What became of one table."""

    name: str
    source_rows: int
    loaded_rows: int
    seconds: float


def create_raw_table(warehouse: psycopg.Connection, table: SourceTable) -> None:
    """Create raw_odoo.<table>, or add the columns that a newer contract brought."""
    name = sql.Identifier(RAW_SCHEMA, table.name)
    warehouse.execute(sql.SQL("create table if not exists {} ()").format(name))
    for column in table.columns:
        warehouse.execute(
            sql.SQL("alter table {} add column if not exists {} {}").format(
                name, sql.Identifier(column.name), sql.SQL(column.raw_type)
            )
        )


def replace_table(
    source: psycopg.Connection, warehouse: psycopg.Connection, plan: TablePlan, extraction_id: int
) -> LoadedTable:
    """Replace the raw table by the source's rows and record it, in one transaction of `warehouse`.

    An absent optional table leaves an empty raw table, a missing optional column NULLs.
    """
    started = time.monotonic()
    with warehouse.transaction():
        source_rows = 0 if plan.is_absent else _count(source, plan)
        _refuse_sudden_emptiness(warehouse, plan, source_rows)
        warehouse.execute(sql.SQL("truncate {}").format(sql.Identifier(RAW_SCHEMA, plan.table.name)))
        loaded_rows = 0 if plan.is_absent else _copy(source, warehouse, plan)
        loaded = LoadedTable(plan.table.name, source_rows, loaded_rows, time.monotonic() - started)
        # A table just filled has no statistics yet, and the models that run next would join it row by row.
        warehouse.execute(sql.SQL("analyze {}").format(sql.Identifier(RAW_SCHEMA, plan.table.name)))
        _record(warehouse, plan, loaded, extraction_id)
    return loaded


def _count(source: psycopg.Connection, plan: TablePlan) -> int:
    row = source.execute(
        sql.SQL("select count(*) from {}").format(sql.Identifier("public", plan.table.name))
    ).fetchone()
    return int(row[0]) if row else 0


def _refuse_sudden_emptiness(warehouse: psycopg.Connection, plan: TablePlan, source_rows: int) -> None:
    """A table that had rows and has none now is a restore or a wrong login, not a night's work."""
    if source_rows or plan.table.is_optional:
        return
    filled = warehouse.execute(
        sql.SQL("select exists (select 1 from {})").format(sql.Identifier(RAW_SCHEMA, plan.table.name))
    ).fetchone()
    if filled == (True,):
        raise SourceError(
            f"Table {plan.table.name} of the Odoo database is empty, but had rows in the last extraction. Check the "
            "database and the row security of the login; what was loaded before stays."
        )


def _copy(source: psycopg.Connection, warehouse: psycopg.Connection, plan: TablePlan) -> int:
    read = sql.SQL("copy (select {} from {}) to stdout (format binary)").format(
        sql.SQL(", ").join(_cast(column, plan.source_types[column.name]) for column in plan.present),
        sql.Identifier("public", plan.table.name),
    )
    write = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(RAW_SCHEMA, plan.table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in plan.present),
    )
    cursor = warehouse.cursor()
    with source.cursor().copy(read) as rows, cursor.copy(write) as target:
        block = bytearray()
        for row in rows:
            block += row
            if len(block) >= _WRITE_BYTES:
                target.write(bytes(block))
                block.clear()
        target.write(bytes(block))
    return cursor.rowcount


def _cast(column: SourceColumn, source_type: str) -> sql.Composable:
    name = sql.Identifier(column.name)
    if column.raw_type == "jsonb" and source_type != "jsonb":
        return sql.SQL("to_jsonb({})").format(name)  # translated in a later Odoo, plain in this one
    return sql.SQL("{}::{}").format(name, sql.SQL(column.raw_type))


def _record(warehouse: psycopg.Connection, plan: TablePlan, loaded: LoadedTable, extraction_id: int) -> None:
    warehouse.execute(
        "insert into ops.extracted_table"
        " (extraction_id, table_name, source_rows, loaded_rows, missing_columns, is_absent, seconds)"
        " values (%s, %s, %s, %s, %s, %s, %s)"
        " on conflict (extraction_id, table_name) do update set"
        " source_rows = excluded.source_rows, loaded_rows = excluded.loaded_rows,"
        " missing_columns = excluded.missing_columns, is_absent = excluded.is_absent,"
        " seconds = excluded.seconds, loaded_at = now()",
        (
            extraction_id,
            loaded.name,
            loaded.source_rows,
            loaded.loaded_rows,
            plan.missing_columns,
            plan.is_absent,
            loaded.seconds,
        ),
    )
