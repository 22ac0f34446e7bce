"""A source of any size: the demonstration shop with a mass of partners, orders and lines behind it."""

import datetime as dt
from pathlib import Path

import psycopg

from creamery.demo_shop.shop import create_shop

_MASS = Path(__file__).parent / "mass.sql"
_FILLED = ["product_template", "product_product", "res_partner", "sale_order", "sale_order_line"]
_FILLED += ["account_tax_sale_order_line_rel"]
_SMALL_SHOP = 300  # customers: every table of the contract that the demonstration shop has gets its rows
_YEARS = 2


def create_source(dsn: str, customers: int, as_of: dt.date) -> None:
    """Fill the empty database `dsn`: 10 orders and 25 lines a customer."""
    create_shop(dsn, customers=_SMALL_SHOP, as_of=as_of, years=_YEARS)
    ends_at = dt.datetime.combine(as_of, dt.time()) - dt.timedelta(days=2)  # before any overlap of an extraction
    values = {"customers": customers, "starts_at": ends_at - dt.timedelta(days=365 * _YEARS - 60), "ends_at": ends_at}
    with psycopg.connect(dsn, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("set work_mem to '256MB'")
        connection.execute("set timezone to 'UTC'")
        connection.execute("select setseed(0.5)")
        indexes = _drop_indexes(connection)
        connection.execute(_MASS.read_bytes(), values)
        for definition in indexes:
            connection.execute(definition)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")  # as autovacuum leaves a shop


def _drop_indexes(connection: psycopg.Connection) -> list[bytes]:
    """Drop what would slow the filling down; the statements that make it again."""
    rows = connection.execute(
        "select class.oid::regclass::text, pg_get_indexdef(class.oid)"
        " from pg_index join pg_class as class on pg_index.indexrelid = class.oid"
        " where pg_index.indrelid = any(%s::regclass[]) and not pg_index.indisprimary",
        (_FILLED,),
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"drop index {name}".encode())
    return [definition.encode() for _, definition in rows]
