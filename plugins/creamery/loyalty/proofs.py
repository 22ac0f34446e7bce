"""creamery.points_expired in the Odoo database (sql/odoo_loyalty_writer.sql): what was expired, committed together with
the balance. Its key lets each expiry happen once, whoever writes and however often."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import psycopg

from creamery.errors import AccessRefusedError
from creamery.loyalty.keeper import Expired, Written


def read(connection: psycopg.Connection, keys: Sequence[str]) -> Expired:
    """Those of the expiries that were written."""
    rows = connection.execute(
        "select expiry_key, points, written_at from creamery.points_expired where expiry_key = any(%s)", (list(keys),)
    ).fetchall()
    return {key: Written(points, written_at) for key, points, written_at in rows}


def write(
    connection: psycopg.Connection, source_kind: str, card_id: int, balance: Decimal, points: Mapping[str, Decimal]
) -> Expired:
    """One row for each expiry of the card, whose balance was `balance` before."""
    rows = connection.execute(
        "insert into creamery.points_expired"
        " (expiry_key, source_kind, card_id, points, balance_before, balance_after)"
        " select expired.expiry_key, %(kind)s, %(card)s, expired.points, %(before)s, %(after)s"
        " from unnest(%(keys)s::text[], %(points)s::numeric[]) as expired (expiry_key, points)"
        " returning expiry_key, points, written_at",
        {
            "kind": source_kind,
            "card": card_id,
            "keys": list(points),
            "points": list(points.values()),
            "before": balance,
            "after": balance - sum(points.values()),
        },
    ).fetchall()
    return {key: Written(each, written_at) for key, each, written_at in rows}


def database_uuid(connection: psycopg.Connection, proofs: str = "creamery.points_expired") -> str | None:
    """Of the Odoo that this is; None where nothing tells. AccessRefusedError where the writer was not prepared."""
    prepared, has_uuid = connection.execute(
        "select to_regclass(%s) is not null, to_regclass('creamery.database_uuid') is not null", (proofs,)
    ).fetchone() or (False, False)
    if not prepared:
        raise AccessRefusedError(
            f"Database {connection.info.dbname} has no table {proofs}. "
            "Run sql/odoo_loyalty_writer.sql there (docs/loyalty-push.md)."
        )
    if not has_uuid:
        return None
    row = connection.execute("select max(value) from creamery.database_uuid").fetchone()
    return row[0] if row else None
