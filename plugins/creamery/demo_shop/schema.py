"""The tables of a real Odoo 19: names, types, nullability and indexes, as far as a warehouse wants them."""

from pathlib import Path

import psycopg
from psycopg import sql

_FOLDER = Path(__file__).parent / "sql" / "tables"
_INDEXES = _FOLDER / "9_indexes.sql"
_ADDON_FOLDER = Path(__file__).resolve().parents[3] / "sql" / "operational"


def create_schema(connection: psycopg.Connection) -> None:
    """Create tables and indexes in the first schema of the search path, which must not have them yet."""
    create_tables(connection)
    create_indexes(connection)


def create_tables(connection: psycopg.Connection) -> None:
    """Create the tables with their primary keys only: filling them is quicker without the other indexes."""
    for file in sorted(_FOLDER.glob("*.sql")):
        if file != _INDEXES:
            connection.execute(file.read_bytes())


def create_addon_tables(connection: psycopg.Connection) -> None:
    """Create the tables of add-ons beside Odoo, empty: campaigns and segments can be handed over to them."""
    for file in sorted(_ADDON_FOLDER.glob("*.sql")):
        connection.execute(file.read_bytes())


def create_indexes(connection: psycopg.Connection) -> None:
    """Create the indexes that Odoo has, on tables made by create_tables."""
    connection.execute(_INDEXES.read_bytes())


def advance_sequences(connection: psycopg.Connection) -> None:
    """Let every id sequence go on after the highest id, as if Odoo had given the ids itself."""
    owners = connection.execute(
        "select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'id' and column_default like 'nextval(%'"
        " order by table_name"
    ).fetchall()
    for (table,) in owners:
        connection.execute(
            sql.SQL(
                "select setval(pg_get_serial_sequence({name}, 'id'), coalesce(max(id), 1), count(id) > 0) from {table}"
            ).format(name=sql.Literal(f"public.{table}"), table=sql.Identifier("public", table))
        )
