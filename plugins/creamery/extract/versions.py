"""Turning rows just read into versions: what changed closes the version before it, what is gone is marked.

All of it is set-based, over temporary tables that live as long as the transaction:
`incoming` (the contract's columns, as read) and `changed` (those of its rows that differ from the current version).
"""

import psycopg
from psycopg import sql

from creamery.extract import raw
from creamery.extract.contract import SourceTable
from creamery.extract.snapshot import Snapshot

INCOMING = sql.Identifier("incoming")
ALL_ROWS = sql.SQL("true")


def create_incoming(warehouse: psycopg.Connection, table: SourceTable) -> None:
    """An empty table `incoming`; the one of an earlier step of this transaction goes."""
    warehouse.execute(sql.SQL("drop table if exists incoming"))
    columns = raw.names(tuple(column.name for column in table.columns))
    warehouse.execute(
        sql.SQL("create temporary table incoming on commit drop as select {} from {} limit 0").format(
            columns, raw.relation(table)
        )
    )


def store_changes(warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot) -> int:
    """Give every row of `incoming` that is new or differs a version from this snapshot on; their number."""
    key = _same_key(table, "incoming", "stored")
    columns = tuple(column.name for column in table.columns)
    warehouse.execute(sql.SQL("analyze incoming"))
    warehouse.execute(sql.SQL("drop table if exists changed"))
    warehouse.execute(
        sql.SQL(
            "create temporary table changed on commit drop as"
            " select incoming.* from incoming left join {raw} as stored on {key} and stored.{current}"
            " where stored._valid_from is null or row({old}) is distinct from row({new})"
        ).format(
            raw=raw.relation(table),
            key=key,
            current=raw.CURRENT,
            old=_of("stored", columns),
            new=_of("incoming", columns),
        )
    )
    close_versions(warehouse, table, snapshot, "changed")
    return warehouse.execute(
        sql.SQL("insert into {raw} ({columns}, _valid_from) select {columns}, %s from changed").format(
            raw=raw.relation(table), columns=raw.names(columns)
        ),
        (snapshot.taken_at,),
    ).rowcount


def close_versions(warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot, keys: str) -> int:
    """End the current version of every row whose key is in the temporary table `keys`; their number."""
    return warehouse.execute(
        sql.SQL("update {raw} as stored set _valid_to = %s from {keys} where stored.{current} and {key}").format(
            raw=raw.relation(table),
            keys=sql.Identifier(keys),
            current=raw.CURRENT,
            key=_same_key(table, keys, "stored"),
        ),
        (snapshot.taken_at,),
    ).rowcount


def mark_deleted(
    warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot, scope: sql.Composable = ALL_ROWS
) -> int:
    """End and mark the current rows within `scope` that `incoming` does not have; their number."""
    return warehouse.execute(
        sql.SQL(
            "update {raw} as stored set _valid_to = %s, _is_deleted = true"
            " where stored.{current} and ({scope}) and not exists (select from incoming where {key})"
        ).format(
            raw=raw.relation(table),
            current=raw.CURRENT,
            scope=scope,
            key=_same_key(table, "incoming", "stored"),
        ),
        (snapshot.taken_at,),
    ).rowcount


def count_current(warehouse: psycopg.Connection, table: SourceTable) -> int:
    """Rows that exist in the source as far as the warehouse knows."""
    row = warehouse.execute(
        sql.SQL("select count(*) from {} where {}").format(raw.relation(table), raw.CURRENT)
    ).fetchone()
    return int(row[0]) if row else 0


def _same_key(table: SourceTable, left: str, right: str) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, column), sql.Identifier(right, column)) for column in table.key
    )


def _of(alias: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, column) for column in columns)
