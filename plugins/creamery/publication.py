"""Generations: what a run builds stays invisible until one row says otherwise (architecture, contract 3).

A row of a permanent table is alive from `generation_from` until before `generation_to`. Views show what is alive at
the generation in ops.publication; dbt_project/macros/permanent_table.sql writes the rows.
"""

from collections.abc import Sequence
from datetime import date

import psycopg
from psycopg import sql

from creamery.errors import WarehouseError

PERMANENT_SCHEMAS = ("star", "marts")
_PAST_SCHEMAS = ("staging_past", "intermediate_past", "star_past")


def open_generation(connection: psycopg.Connection, as_of_dates: Sequence[date]) -> int:
    """Undo what unpublished generations left, drop rows that no reader can see any more, and number a new one."""
    published = _published_generation(connection)
    for table in _permanent_tables(connection):
        connection.execute(
            sql.SQL("delete from {} where generation_from > %(published)s or generation_to <= %(published)s").format(
                table
            ),
            {"published": published},
        )
        connection.execute(
            sql.SQL("update {} set generation_to = null where generation_to > %s").format(table), (published,)
        )
    connection.execute("update ops.generation set state = 'abandoned', finished_at = now() where state = 'building'")
    row = connection.execute(
        "insert into ops.generation (as_of_dates, present_dates)"
        " select days, array(select day from unnest(days) as day where ops.past_moment(day) is null)"
        " from (select %s::date[] as days) as given returning generation",
        (list(as_of_dates),),
    ).fetchone()
    assert row is not None
    connection.commit()
    return int(row[0])


def require_open(connection: psycopg.Connection, generation: int) -> None:
    """Raise WarehouseError unless `generation` is the one being built: a newer run undid what it had built."""
    row = connection.execute("select state from ops.generation where generation = %s", (generation,)).fetchone()
    if row != ("building",):
        raise WarehouseError(
            f"Generation {generation} is {row[0] if row else 'unknown'}: a newer run took its place. "
            "Clear the task open_generation of this run to build the day again."
        )


def require_same_rows(connection: psycopg.Connection, generation: int) -> None:
    """Raise WarehouseError where an extraction has changed rows that the generation's days are to be built from: they
    were the present's when it was opened, and now the day has moved into the past."""
    (moved,) = connection.execute(
        "select array_agg(day::text order by day) from ops.generation cross join unnest(present_dates) as day"
        " where generation = %s and ops.past_moment(day) is not null",
        (generation,),
    ).fetchone() or (None,)
    if moved:
        raise WarehouseError(
            f"The rows of {', '.join(moved)} have changed since generation {generation} was opened: Odoo was extracted "
            "in between. Clear the task open_generation of this run to build the days as they stood."
        )


def publish(connection: psycopg.Connection, generation: int) -> date:
    """Let readers see `generation` with all its days, in one transaction; returns the newest published day.

    A past day never moves the newest one back. Raises WarehouseError if the generation is not the one being built.
    """
    with connection.transaction():
        built = connection.execute(
            "update ops.generation set state = 'published', finished_at = now()"
            " where generation = %s and state in ('building', 'published') returning as_of_dates",
            (generation,),
        ).fetchone()
        if built is None:
            raise WarehouseError(
                f"Generation {generation} was abandoned for a newer run; nothing is published. Nothing to do."
            )
        newest = connection.execute(
            "insert into ops.publication (generation, as_of_date, published_at) values (%s, %s, now())"
            " on conflict (is_only) do update set generation = excluded.generation,"
            " as_of_date = greatest(ops.publication.as_of_date, excluded.as_of_date),"
            " published_at = excluded.published_at"
            " returning as_of_date",
            (generation, max(built[0])),
        ).fetchone()
        connection.execute(
            "insert into ops.published_day (as_of_date, generation, is_reconstructed, published_at)"
            " select day, %s,"
            " day < (first_extracted_at at time zone business_time_zone)::date - 1, now()"
            " from ops.warehouse cross join unnest(%s::date[]) as day"
            " on conflict (as_of_date) do update set generation = excluded.generation,"
            " published_at = excluded.published_at",
            (generation, built[0]),
        )
    assert newest is not None
    newest_day: date = newest[0]
    return newest_day


def forget_past(connection: psycopg.Connection) -> None:
    """Drop what stood for a past moment while its days were built."""
    relations = connection.execute(
        "select relnamespace::regnamespace::text, relname, relkind = 'v' from pg_class"
        " where relnamespace::regnamespace::text = any(%s) and relkind in ('r', 'v')",
        (list(_PAST_SCHEMAS),),
    ).fetchall()
    for schema, name, is_view in relations:
        connection.execute(
            sql.SQL("drop {} if exists {} cascade").format(
                sql.SQL("view" if is_view else "table"), sql.Identifier(schema, name)
            )
        )
    connection.commit()


def newest_day(connection: psycopg.Connection) -> date | None:
    """The newest day that readers see; None before the first publication."""
    row = connection.execute("select as_of_date from ops.publication").fetchone()
    return row[0] if row else None


def newest_generation(connection: psycopg.Connection) -> int:
    """Number of the last generation that was opened. Raises WarehouseError where none was."""
    row = connection.execute("select max(generation) from ops.generation").fetchone()
    if row is None or row[0] is None:
        raise WarehouseError("Nothing has been built in this warehouse yet. Run extract_odoo first.")
    return int(row[0])


def _published_generation(connection: psycopg.Connection) -> int:
    row = connection.execute("select generation from ops.publication").fetchone()
    return int(row[0]) if row else 0


def _permanent_tables(connection: psycopg.Connection) -> list[sql.Identifier]:
    rows = connection.execute(
        "select table_schema, table_name from information_schema.columns"
        " where table_schema = any(%s) and column_name = 'generation_to'",
        (list(PERMANENT_SCHEMAS),),
    ).fetchall()
    return [sql.Identifier(schema, table) for schema, table in rows]
