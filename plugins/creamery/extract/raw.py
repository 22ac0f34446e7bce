"""Raw tables: every version of every row, in schema raw_odoo.

Beside the contract's columns each has `_valid_from` (moment of the snapshot that first showed this version),
`_valid_to` (of the first that no longer did; infinity: current) and `_is_deleted` (the row is gone from the source:
marked on its last version, never dropped). What was known at a moment m is `_valid_from <= m and m < _valid_to`.
Free text has no history: it goes as soon as the source changes or deletes it.
"""

import psycopg
from psycopg import sql

from creamery.extract.contract import SourceTable

RAW_SCHEMA = "raw_odoo"
_BOOKKEEPING = (
    "_valid_from timestamptz not null default '-infinity'",
    "_valid_to timestamptz not null default 'infinity'",
    "_is_deleted boolean not null default false",
)
CURRENT = sql.SQL("_valid_to = 'infinity'")
# In place of what an ended version said: that something was said is history, the words are not.
FORGOTTEN = "[not kept]"


def relation(table: SourceTable) -> sql.Identifier:
    """The raw table's qualified name."""
    return sql.Identifier(RAW_SCHEMA, table.raw_name)


def create(warehouse: psycopg.Connection, table: SourceTable) -> None:
    """Create the raw table, or add the columns that a newer contract brought."""
    warehouse.execute(sql.SQL("create table if not exists {} ()").format(relation(table)))
    existing = {
        row[0]
        for row in warehouse.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
            (RAW_SCHEMA, table.raw_name),
        )
    }
    wanted = [*_BOOKKEEPING, *(f"{column.name} {column.raw_type}" for column in table.columns)]
    missing = [sql.SQL("add column {}").format(sql.SQL(each)) for each in wanted if each.split()[0] not in existing]
    if missing:
        warehouse.execute(sql.SQL("alter table {} {}").format(relation(table), sql.SQL(", ").join(missing)))
        create_key(warehouse, table)


def create_key(warehouse: psycopg.Connection, table: SourceTable) -> None:
    """One current version per key: the database itself refuses a second."""
    warehouse.execute(
        sql.SQL("create unique index if not exists {} on {} ({}) where {}").format(
            sql.Identifier(f"{table.raw_name}_key"), relation(table), names(table.key), CURRENT
        )
    )


def drop_key(warehouse: psycopg.Connection, table: SourceTable) -> None:
    """Before a first load, which is quicker without."""
    warehouse.execute(sql.SQL("drop index if exists {}").format(sql.Identifier(RAW_SCHEMA, f"{table.raw_name}_key")))


def prune(warehouse: psycopg.Connection, table: SourceTable, days: int) -> int:
    """Delete versions that ended more than `days` days before the newest; number of rows deleted."""
    return warehouse.execute(
        sql.SQL(
            "delete from {table} where _valid_to < (select max(_valid_from) from {table}) - make_interval(days => %s)"
        ).format(table=relation(table)),
        (days,),
    ).rowcount


def forget_words(warehouse: psycopg.Connection, table: SourceTable) -> int:
    """Take the free text out of versions that were replaced or deleted; number of texts."""
    return sum(
        warehouse.execute(
            sql.SQL(
                "update {table} set {column} = %(gone)s where _valid_to < 'infinity' and {column} <> %(gone)s"
            ).format(table=relation(table), column=sql.Identifier(column)),
            {"gone": FORGOTTEN},
        ).rowcount
        for column in table.words
    )


def names(columns: tuple[str, ...]) -> sql.Composed:
    """Column names, quoted, with commas between."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))
