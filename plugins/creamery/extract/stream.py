"""COPY from the source into the warehouse, in binary form; memory does not grow with rows."""

import logging
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from creamery.extract.probe import TablePlan
from creamery.extract.raw import names

log = logging.getLogger(__name__)

_WRITE_BYTES = 256 * 1024  # COPY hands over one row at a time; writing each alone costs a third of the speed
# The trailer, alone or behind the header of a COPY without rows. A row may have that size too, and loses nothing by it.
_LAST_MESSAGE = (2, 21)
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
        for block, block_rows in _blocks(source, incoming):
            outgoing.write(block)
            rows += block_rows
            if time.monotonic() - reported_at > _REPORT_SECONDS:
                log.info("%s: %s rows so far", name, f"{rows:,}")
                reported_at = time.monotonic()
    return cursor.rowcount


def _blocks(source: psycopg.Connection, incoming: psycopg.Copy) -> Iterator[tuple[bytearray, int]]:
    """What COPY sends, in blocks worth a write, and about how many rows are in each.

    psycopg waits for the server and ends the COPY; what has arrived meanwhile comes from libpq itself, which takes a
    third of the time per row.
    """
    arrived = source.pgconn.get_copy_data
    block, rows = bytearray(), 0
    while message := incoming.read():
        size = len(message)
        while size > 0:
            block += message
            rows += 1
            if size in _LAST_MESSAGE:
                break
            size, message = arrived(1)
        if size < 0:
            raise _failure(source)
        if len(block) >= _WRITE_BYTES:
            yield block, rows
            block, rows = bytearray(), 0
    yield block, rows


def _failure(source: psycopg.Connection) -> psycopg.Error:
    """What ended a COPY early. Until every result is fetched the connection takes no other command."""
    first, result = None, source.pgconn.get_result()
    while result is not None:
        first = first or result
        result = source.pgconn.get_result()
    if first is None:
        return psycopg.OperationalError("the source ended a COPY without a word")
    return psycopg.errors.error_from_result(first)
