"""Rows that no figure could survive: kept with the reason in ops.quarantine instead of the raw table.

A row comes back by itself as soon as its source is corrected. What people wrote in it is not kept.
"""

import psycopg
from psycopg import sql

from creamery.extract import raw, versions
from creamery.extract.contract import SourceTable
from creamery.extract.snapshot import Snapshot

# dim_date less a day at both ends: its days are the shop's, the moments compared here are UTC.
CALENDAR = ("1990-01-02", "2059-12-30")
_HIGHEST = "1e13"  # NaN is above every number, and what has fourteen digits in a shop is a slip of the scanner


def reject(warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot, relation: sql.Identifier) -> int:
    """Move the poisonous rows of `relation` to quarantine, and end their current versions; their number."""
    rules = _rules(table)
    if not rules:
        return 0
    columns = tuple(column.name for column in table.columns)
    reason = sql.SQL("concat_ws('; ', {})").format(
        sql.SQL(", ").join(
            sql.SQL("case when {} then {} end").format(poison, sql.Literal(why)) for poison, why in rules
        )
    )
    warehouse.execute(sql.SQL("drop table if exists rejected"))
    rejected = warehouse.execute(
        sql.SQL("create temporary table rejected on commit drop as select {}, {} as reason from {} where {}").format(
            raw.names(columns), reason, relation, sql.SQL(" or ").join(poison for poison, _ in rules)
        )
    ).rowcount
    if rejected:
        _store(warehouse, table, snapshot, columns)
        _remove(warehouse, table, relation)
        versions.close_versions(warehouse, table, snapshot, "rejected")
    return rejected


def resolve(warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot) -> None:
    """Close all cases, before `reject` opens those again that this snapshot still shows.

    They are met again in every mode: a row that is not among the current ones makes its bucket differ.
    """
    warehouse.execute(
        "update ops.quarantine set resolved_extraction_id = %s"
        " where table_name = %s and resolved_extraction_id is null",
        (snapshot.extraction_id, table.raw_name),
    )


def count_open(warehouse: psycopg.Connection, table: SourceTable) -> int:
    """Rows of the table that are in quarantine now."""
    row = warehouse.execute(
        "select count(*) from ops.quarantine where table_name = %s and resolved_extraction_id is null",
        (table.raw_name,),
    ).fetchone()
    return int(row[0]) if row else 0


def _rules(table: SourceTable) -> list[tuple[sql.Composable, str]]:
    """What is poison, and why. Every row of the table passes here: abs() costs half of two comparisons."""
    rules: list[tuple[sql.Composable, str]] = []
    for column in table.columns:
        name = sql.Identifier(column.name)
        if column.raw_type in ("numeric", "float8"):
            poison = sql.SQL("abs({}) > {}").format(name, sql.SQL(_HIGHEST))
            rules.append((poison, f"{column.name} is no number that a shop could mean"))
        elif column.raw_type in ("date", "timestamp"):
            rules.append((sql.SQL("not isfinite({})").format(name), f"{column.name} is infinite"))
    if table.event_date:
        outside = sql.SQL("{}::date not between {} and {}").format(
            sql.Identifier(table.event_date), *map(sql.Literal, CALENDAR)
        )
        rules.append((outside, f"{table.event_date} lies outside {CALENDAR[0]} to {CALENDAR[1]}"))
    for amount in table.positive:
        rules.append((sql.SQL("coalesce({}, 0) <= 0").format(sql.Identifier(amount)), f"{amount} is not above zero"))
    return rules


def _store(warehouse: psycopg.Connection, table: SourceTable, snapshot: Snapshot, columns: tuple[str, ...]) -> None:
    warehouse.execute(
        sql.SQL(
            "insert into ops.quarantine"
            " (table_name, row_key, reason, row_data, first_extraction_id, last_extraction_id)"
            " select %(table)s, concat_ws('/', {key}), reason, to_jsonb(rejected) - %(left_out)s::text[],"
            " %(id)s, %(id)s from rejected"
            " on conflict (table_name, row_key) do update set"
            " reason = excluded.reason, row_data = excluded.row_data,"
            " last_extraction_id = excluded.last_extraction_id, resolved_extraction_id = null"
        ).format(key=raw.names(table.key)),
        {"table": table.raw_name, "id": snapshot.extraction_id, "left_out": ["reason", *table.words]},
    )


def _remove(warehouse: psycopg.Connection, table: SourceTable, relation: sql.Identifier) -> None:
    warehouse.execute(
        sql.SQL("delete from {} as poisoned using rejected where {}").format(
            relation,
            sql.SQL(" and ").join(
                sql.SQL("poisoned.{0} = rejected.{0}").format(sql.Identifier(column)) for column in table.key
            ),
        )
    )
