"""What write_date does not tell: rows that are gone, came late, or whose references were rewritten in silence.

Odoo's partner merge re-points foreign keys by plain UPDATE, deletes leave no trace, and a long transaction commits rows
whose write_date is already past (docs/operations.md). So source and warehouse each reduce keys and references to one
checksum per 1,024 neighbouring keys; only where these differ are rows read again.
"""

import psycopg
from psycopg import sql

from creamery.extract import raw
from creamery.extract.probe import TablePlan
from creamery.extract.stream import pipe

_BUCKET_BITS = 10
_MOST_RANGES = 50  # beyond, one pass over the table is quicker than as many visits to its index


def compare(source: psycopg.Connection, warehouse: psycopg.Connection, plan: TablePlan) -> list[int]:
    """Buckets in which keys or references of the source differ from those of the current rows, in order."""
    warehouse.execute(
        "create temporary table source_bucket (bucket int8, row_count int8, checksum numeric) on commit drop"
    )
    read = sql.SQL("copy ({}) to stdout (format binary)").format(
        _buckets(plan, plan.relation, plan.condition, {name: plan.source_column(name) for name in _compared(plan)})
    )
    pipe(source, warehouse, read, sql.SQL("copy source_bucket from stdin (format binary)"), plan.table.name)
    stored = _buckets(
        plan, raw.relation(plan.table), raw.CURRENT, {name: sql.Identifier(name) for name in _compared(plan)}
    )
    rows = warehouse.execute(
        sql.SQL(
            "select coalesce(source_bucket.bucket, stored.bucket) from source_bucket"
            " full join ({}) as stored using (bucket)"
            " where (source_bucket.row_count, source_bucket.checksum) is distinct from"
            " (stored.row_count, stored.checksum) order by 1"
        ).format(stored)
    ).fetchall()
    return [row[0] for row in rows]


def within(column: sql.Composable, buckets: list[int]) -> sql.Composable:
    """The condition that a key lies in one of the buckets."""
    runs = _runs(buckets)
    if len(runs) > _MOST_RANGES:
        return sql.SQL("{} >> {} in (select unnest({}::int8[]))").format(
            column, sql.Literal(_BUCKET_BITS), sql.Literal(buckets)
        )
    return sql.SQL(" or ").join(  # ranges, for which the primary key serves
        sql.SQL("({column} >= {low} and {column} < {high})").format(
            column=column, low=sql.Literal(first << _BUCKET_BITS), high=sql.Literal((last + 1) << _BUCKET_BITS)
        )
        for first, last in runs
    )


def _compared(plan: TablePlan) -> list[str]:
    return [column.name for column in plan.present if column.raw_type == "int4"]


def _buckets(
    plan: TablePlan, relation: sql.Identifier, condition: sql.Composable, columns: dict[str, sql.Identifier]
) -> sql.Composed:
    checksum: sql.Composable = sql.SQL("0")
    for column in columns.values():
        # Stable across versions and machines: hash-partitioned tables rest on it.
        checksum = sql.SQL("hashint4extended(coalesce({}, -1), {})").format(column, checksum)
    return sql.SQL(
        "select ({} >> {})::int8 as bucket, count(*) as row_count, sum({}) as checksum from {} where {} group by 1"
    ).format(columns[plan.table.key[0]], sql.Literal(_BUCKET_BITS), checksum, relation, condition)


def _runs(buckets: list[int]) -> list[tuple[int, int]]:
    """Neighbouring buckets as one span each: first and last."""
    runs: list[tuple[int, int]] = []
    for bucket in buckets:
        if runs and bucket == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], bucket)
        else:
            runs.append((bucket, bucket))
    return runs
