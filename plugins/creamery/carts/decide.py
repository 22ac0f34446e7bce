"""What becomes of carts and their reminders, in sets, from what was read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from creamery.carts.rules import CartRules

_SQL = Path(__file__).parent / "sql"


def record_changes(
    connection: psycopg.Connection,
    generation: int,
    rules: CartRules,
    contents: Sequence[Mapping[str, Any]],
    closings: Sequence[Mapping[str, Any]],
    gone: Collection[int],
    orders: Sequence[Mapping[str, Any]],
) -> int:
    """Write what was read into carts.cart; how many carts were closed by it."""
    connection.execute(_statement("record_contents"), {"rows": _rows(contents), "generation": generation} | _of(rules))
    ended = [{"cart_id": row["cart_id"], "state": row["state"], "ordered_at": row["ordered_at"]} for row in closings]
    ended += [{"cart_id": cart, "state": "gone", "ordered_at": None} for cart in gone]
    values = {"rows": _rows(ended), "orders": _rows(orders), "generation": generation} | _of(rules)
    closed = connection.execute(_statement("record_closings"), values).rowcount
    return closed + connection.execute(_statement("record_orders"), values).rowcount


def decide(connection: psycopg.Connection, generation: int, as_of: datetime, rules: CartRules) -> tuple[int, int]:
    """Write down the steps that are due at `as_of`, and give up old carts; how many of each."""
    values = {
        "generation": generation,
        "as_of": as_of,
        "delays": [step.delay_hours for step in rules.steps],
    } | _of(rules)
    expired = connection.execute(_statement("expire"), values).rowcount
    connection.execute(_statement("abandon"), values)
    return connection.execute(_statement("due_steps"), values).rowcount, expired


def _of(rules: CartRules) -> dict[str, Any]:
    return {
        "idle_minutes": rules.idle_minutes,
        "expire_days": rules.expire_days,
        "recovery_days": rules.recovery_days,
        "minimum_value": rules.minimum_value,
        "exclude_subscriptions": rules.exclude_subscriptions,
    }


def _rows(rows: Sequence[Mapping[str, Any]]) -> Jsonb:
    return Jsonb([{name: _text(value) for name, value in row.items()} for row in rows])


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, list)) else str(value)


def _statement(name: str) -> sql.SQL:
    return sql.SQL((_SQL / f"{name}.sql").read_text())
