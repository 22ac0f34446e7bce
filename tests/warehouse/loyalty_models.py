"""The loyalty models' own SQL on hand-made rows: rendered without dbt, a temporary table for each model."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from jinja2 import Environment, FileSystemLoader
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2] / "dbt_project"
LOTS = ("loyalty_lot_terms", "loyalty_lot_events", "loyalty_lot_sums", "loyalty_lot_replay")
LEDGER = (
    "intermediate/loyalty/int_loyalty__cards",
    "intermediate/loyalty/int_loyalty__expiries",
    "intermediate/loyalty/int_loyalty__history_changes",
    "intermediate/loyalty/int_loyalty__history_entries",
    "intermediate/loyalty/int_loyalty__order_entries",
    "intermediate/loyalty/int_loyalty__tracked_entries",
    "intermediate/loyalty/int_loyalty__addon_entries",
    "intermediate/loyalty/int_loyalty__entries",
    "intermediate/loyalty/int_loyalty__balance_gaps",
    "star/loyalty/fact_loyalty_ledger",
)


def render(path: str, days: Sequence[str]) -> str:
    """A model's SQL, with temporary tables for what it reads."""
    # SQL, not HTML: nothing is to be escaped.
    environment = Environment(loader=FileSystemLoader(ROOT), autoescape=False)  # noqa: S701
    environment.globals.update(
        config=lambda **_: "",
        ref=lambda name: name,
        latest=lambda name: f"(select * from {name})",
        var=lambda _, default="": default,
        as_of_dates=lambda: ", ".join(f"date '{day}'" for day in days),
        last_as_of_date=lambda: f"date '{max(days)}'",
        date_key=lambda expression: f"to_char({expression}, 'YYYYMMDD')::integer",
        surrogate_key=lambda parts: f"('x' || substr(md5(concat_ws('|', {', '.join(parts)})), 1, 16))::bit(64)::bigint",
    )
    macros = "{% from 'macros/loyalty.sql' import entry_order, replay_of_lots with context %}"
    return environment.from_string(macros + (ROOT / "models" / f"{path}.sql").read_text()).render()


def build(connection: psycopg.Connection, paths: Iterable[str], days: Sequence[str]) -> None:
    for path in paths:
        name = sql.Identifier(path.rpartition("/")[2])
        connection.execute(sql.SQL("drop table if exists pg_temp.{}").format(name))
        connection.execute(
            sql.SQL("create temporary table {} as {}").format(name, sql.SQL(render(path, days)))  # type: ignore[arg-type]
        )


def build_lots(connection: psycopg.Connection, days: Sequence[str]) -> None:
    build(connection, [f"marts/loyalty/{name}" for name in LOTS], days)
