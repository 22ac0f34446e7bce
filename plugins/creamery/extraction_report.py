"""What the last extraction did, table by table, for people."""

import psycopg

from creamery import warehouse
from creamery.night_report import print_table

_HEADERS = ("table", "state", "read", "source", "loaded", "changed", "deleted", "quarantine", "seconds")


def print_report(dsn: str) -> None:
    """Print every table of the newest extraction that has rows or a problem, and why stale ones are stale."""
    with warehouse.connect(dsn, warehouse.Role.LOADER) as connection:
        newest = connection.execute(
            "select extraction_id, state, source_snapshot_at from ops.extraction order by extraction_id desc limit 1"
        ).fetchone()
        if newest is None:
            print(f"\nWarehouse {connection.info.dbname}: nothing was extracted yet.")
            return
        print(f"\nExtraction {newest[0]} is {newest[1]}; snapshot of {newest[2]:%Y-%m-%d %H:%M:%S %Z}\n")
        print_table(_HEADERS, _tables(connection, newest[0]))
        stale = connection.execute(
            "select table_name, problem from ops.source_table where state = 'stopped' order by table_name"
        ).fetchall()
    for name, problem in stale:
        print(f"\nSTALE  {name}: {problem}")


def _tables(connection: psycopg.Connection, extraction_id: int) -> list[tuple[object, ...]]:
    return connection.execute(
        "select table_name, state, coalesce(mode, ''), coalesce(source_rows, 0), loaded_rows, changed_rows,"
        " deleted_rows, quarantined_rows, round(coalesce(seconds, 0), 1)::text"
        " from ops.extracted_table where extraction_id = %s and (source_rows > 0 or deleted_rows > 0"
        " or state = 'stopped') order by loaded_rows desc, table_name",
        (extraction_id,),
    ).fetchall()
