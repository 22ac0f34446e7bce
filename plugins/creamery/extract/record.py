"""What became of each table, as rows of schema ops, written in the transaction that loads the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg

from creamery.extract.contract import SourceTable
from creamery.extract.probe import TablePlan
from creamery.extract.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Landed:
    """One table's load, in rows. `name` is that of the raw table; `mode` how it was read."""

    name: str
    mode: str
    source_rows: int
    loaded_rows: int
    changed_rows: int
    deleted_rows: int
    quarantined_rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LastLanded:
    """The watermark: what the warehouse knows of the table since which snapshot."""

    snapshot_at: datetime
    columns: list[str]


def last_landed(warehouse: psycopg.Connection, table: SourceTable) -> LastLanded | None:
    """The table's watermark; None before its first load."""
    row = warehouse.execute(
        "select loaded_snapshot_at, loaded_columns from ops.source_table"
        " where table_name = %s and loaded_snapshot_at is not null",
        (table.raw_name,),
    ).fetchone()
    return LastLanded(*row) if row else None


def first_moment(warehouse: psycopg.Connection) -> datetime | None:
    """The moment of the first complete extraction; None before there is one."""
    row = warehouse.execute("select min(source_snapshot_at) from ops.extraction where state = 'complete'").fetchone()
    return row[0] if row else None


def forget_watermarks(warehouse: psycopg.Connection) -> None:
    """Have every table read whole the next time that it is read."""
    warehouse.execute("update ops.source_table set loaded_columns = '{}' where loaded_columns is not null")


def landed_tables(warehouse: psycopg.Connection, snapshot: Snapshot) -> dict[str, int]:
    """Rows by name of the tables that stand as this very snapshot has them."""
    rows = warehouse.execute(
        "select table_name, loaded_rows from ops.extracted_table"
        " where extraction_id = %s and snapshot_at = %s and state <> 'stopped'",
        (snapshot.extraction_id, snapshot.taken_at),
    ).fetchall()
    return dict(rows)


def store_landed(warehouse: psycopg.Connection, plan: TablePlan, snapshot: Snapshot, landed: Landed) -> None:
    """Record the load, and move the watermark."""
    state = "absent" if plan.is_absent else "loaded"
    warehouse.execute(
        "insert into ops.extracted_table (extraction_id, table_name, state, mode, snapshot_at, source_rows,"
        " loaded_rows, changed_rows, deleted_rows, quarantined_rows, missing_columns, seconds)"
        " values (%(extraction)s, %(table)s, %(state)s, %(mode)s, %(snapshot_at)s, %(source)s, %(loaded)s,"
        " %(changed)s, %(deleted)s, %(quarantined)s, %(missing)s, %(seconds)s)"
        " on conflict (extraction_id, table_name) do update set"
        " state = excluded.state, problem = null, mode = excluded.mode, snapshot_at = excluded.snapshot_at,"
        " source_rows = excluded.source_rows, loaded_rows = excluded.loaded_rows,"
        " changed_rows = extracted_table.changed_rows + excluded.changed_rows,"
        " deleted_rows = extracted_table.deleted_rows + excluded.deleted_rows,"
        " quarantined_rows = excluded.quarantined_rows, missing_columns = excluded.missing_columns,"
        " seconds = excluded.seconds, loaded_at = now()",
        {
            "extraction": snapshot.extraction_id,
            "table": landed.name,
            "state": state,
            "mode": landed.mode,
            "snapshot_at": snapshot.taken_at,
            "source": landed.source_rows,
            "loaded": landed.loaded_rows,
            "changed": landed.changed_rows,
            "deleted": landed.deleted_rows,
            "quarantined": landed.quarantined_rows,
            "missing": plan.missing_columns,
            "seconds": landed.seconds,
        },
    )
    warehouse.execute(
        "update ops.source_table set state = %s, problem = null, loaded_extraction_id = %s, loaded_snapshot_at = %s,"
        " loaded_columns = %s, loaded_rows = %s where table_name = %s",
        (
            state,
            snapshot.extraction_id,
            snapshot.taken_at,
            [column.name for column in plan.present],
            landed.loaded_rows,
            landed.name,
        ),
    )


def store_stopped(warehouse: psycopg.Connection, plan: TablePlan, snapshot: Snapshot, problem: str) -> None:
    """Record that the table keeps its last good rows, and why."""
    name = plan.table.raw_name
    with warehouse.transaction():
        warehouse.execute("select ops.assert_writer(%s)", (snapshot.writer_token,))
        warehouse.execute(
            "insert into ops.extracted_table"
            " (extraction_id, table_name, state, problem, snapshot_at, missing_columns, loaded_rows)"
            " select %s, table_name, 'stopped', %s, %s, %s, loaded_rows from ops.source_table where table_name = %s"
            " on conflict (extraction_id, table_name) do update set state = excluded.state,"
            " problem = excluded.problem, snapshot_at = excluded.snapshot_at, loaded_at = now()",
            (snapshot.extraction_id, problem, snapshot.taken_at, plan.missing_columns, name),
        )
        warehouse.execute(
            "update ops.source_table set state = 'stopped', problem = %s where table_name = %s", (problem, name)
        )


def store_probe(warehouse: psycopg.Connection, plans: list[TablePlan], extraction_id: int) -> list[tuple[str, str]]:
    """Record what the source offers; gives (table, column) of each column that is new since the last extraction."""
    warehouse.cursor().executemany(
        "insert into ops.source_table (table_name, source_name, probed_extraction_id, source_bytes, missing_columns)"
        " values (%s, %s, %s, %s, %s)"
        " on conflict (table_name) do update set source_name = excluded.source_name,"
        " probed_extraction_id = excluded.probed_extraction_id, source_bytes = excluded.source_bytes,"
        " missing_columns = excluded.missing_columns",
        [
            (
                plan.table.raw_name,
                f"{plan.table.schema}.{plan.source_table}",
                extraction_id,
                plan.source_bytes,
                plan.missing_columns,
            )
            for plan in plans
        ],
    )
    return _store_columns(warehouse, plans, extraction_id)


def lost_columns(warehouse: psycopg.Connection, plans: list[TablePlan]) -> list[tuple[str, str]]:
    """(table, column) of each column that the last load read and this source no longer offers."""
    loaded: dict[str, list[str]] = dict(
        warehouse.execute("select table_name, loaded_columns from ops.source_table where state = 'loaded'").fetchall()
    )
    return [
        (plan.table.raw_name, name)
        for plan in plans
        if not plan.is_absent and not plan.problem
        for name in sorted(set(loaded.get(plan.table.raw_name, [])) & set(plan.missing_columns))
    ]


def _store_columns(warehouse: psycopg.Connection, plans: list[TablePlan], extraction_id: int) -> list[tuple[str, str]]:
    known = [row[0] for row in warehouse.execute("select distinct table_name from ops.source_column")]
    offered = [
        (plan.table.raw_name, name, column.source_type, name not in plan.unread_columns)
        for plan in plans
        for name, column in plan.offered.items()
    ]
    rows = warehouse.execute(
        "with stored as ("
        " insert into ops.source_column"
        " (table_name, column_name, source_type, is_read, first_extraction_id, last_extraction_id)"
        " select offered.*, %(id)s, %(id)s"
        " from unnest(%(tables)s::text[], %(names)s::text[], %(types)s::text[], %(read)s::boolean[]) as offered"
        " on conflict (table_name, column_name) do update set source_type = excluded.source_type,"
        " is_read = excluded.is_read, last_extraction_id = excluded.last_extraction_id"
        " returning table_name, column_name, is_read, first_extraction_id)"
        " select table_name, column_name from stored"
        " where first_extraction_id = %(id)s and not is_read and table_name = any(%(known)s) order by 1, 2",
        {
            "id": extraction_id,
            "tables": [row[0] for row in offered],
            "names": [row[1] for row in offered],
            "types": [row[2] for row in offered],
            "read": [row[3] for row in offered],
            "known": known,
        },
    ).fetchall()
    return [(table, column) for table, column in rows]


def store_modules(warehouse: psycopg.Connection, modules: Mapping[str, str], extraction_id: int) -> None:
    """Record the Odoo modules installed in the source, in place of those of the last extraction."""
    warehouse.execute("delete from ops.source_module")
    warehouse.cursor().executemany(
        "insert into ops.source_module (module_name, version, extraction_id) values (%s, %s, %s)",
        [(name, version, extraction_id) for name, version in modules.items()],
    )
