"""COPY from the source into the warehouse, in binary form; memory does not grow with rows."""

import logging
import time

import psycopg
from psycopg import sql

from creamery.extract.probe import TablePlan
from creamery.extract.raw import names

log = logging.getLogger(__name__)

_WRITE_BYTES = 256 * 1024  # COPY hands over one row at a time; writing each alone costs a third of the speed
_REPORT_SECONDS = 15.0


def copy_rows(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plan: TablePlan,
    target: sql.Identifier,
    condition: sql.Composable,
) -> int:
    """Append the source's rows that meet `condition` to `target`, a table with the contract's columns; their number."""
    read = sql.SQL("copy (select {} from {} as source where ({}) and ({})) to stdout (format binary)").format(
        sql.SQL(", ").join(plan.source_value(column) for column in plan.present),
        plan.relation,
        plan.condition,
        condition,
    )
    write = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        target, names(tuple(column.name for column in plan.present))
    )
    return pipe(source, warehouse, read, write, plan.table.name)


def pipe(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    read: sql.Composed,
    write: sql.Composed | sql.SQL,
    name: str,
) -> int:
    """Run COPY `read` on the source into COPY `write` on the warehouse; number of rows. Progress goes to the log."""
    cursor = warehouse.cursor()
    rows, reported_at = 0, time.monotonic()
    with source.cursor().copy(read) as incoming, cursor.copy(write) as outgoing:
        block = bytearray()
        for row in incoming:
            block += row
            rows += 1
            if len(block) >= _WRITE_BYTES:
                outgoing.write(bytes(block))
                block.clear()
                if time.monotonic() - reported_at > _REPORT_SECONDS:
                    log.info("%s: %s rows so far", name, f"{rows:,}")
                    reported_at = time.monotonic()
        outgoing.write(bytes(block))
    return cursor.rowcount
