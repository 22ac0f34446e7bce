"""Where points expire in tests: an Odoo database, its warehouse, and the plan that a night made of both.

Beside the demonstration shop's own cards there are 40 with 200 points each, and the add-on has 40 accounts with 300.
What is due of them is said by hand, as the warehouse's models would say it.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery import warehouse
from creamery.demo_shop.shop import create_shop
from creamery.loyalty import apply, guard, ledger, plan
from creamery.loyalty.addon import AddonAccounts
from creamery.loyalty.keeper import PointsKeeper, SourceKind
from creamery.loyalty.ledger import State
from creamery.loyalty.over_sql import OdooCards
from creamery.loyalty.session import Session
from creamery.warehouse import Role
from tests import nights

ROOT = Path(__file__).resolve().parents[2]
AS_OF = dt.date(2026, 11, 19)
CARDS = range(9001, 9041)
ACCOUNTS = range(1, 41)
LIMITS = guard.Limits(lots=1000, points=1_000_000, share_percent=100)
_WRITER = (ROOT / "sql" / "odoo_loyalty_writer.sql").read_text()
_PASSWORD = "only-for-tests-5"

# As dbt and the ledger's own file make them.
_EXPIRIES = """
create table if not exists push.loyalty_expiry (
    expiry_key text primary key,
    source_kind text not null check (source_kind in ('odoo', 'addon')),
    program_id integer not null,
    card_id integer not null,
    lot_key text not null,
    points numeric not null check (points > 0),
    expiry_date date not null,
    state text not null default 'planned' check (state in ('planned', 'sending', 'done', 'rejected', 'compensated')),
    planned_at timestamptz not null default now(),
    pushed_at timestamptz,
    message text,
    check (state <> 'done' or pushed_at is not null)
);
grant select, insert, update, delete on push.loyalty_expiry to creamery_pusher;
set role creamery_transformer;
create table audiences.loyalty_expiry (
    as_of_date date, expiry_key text, program_id integer, card_id integer, source_kind text, partner_id integer,
    customer_sk bigint, lot_key text, lot_earned_date date, expiry_date date, points numeric, balance_before numeric,
    why text
);
reset role;
"""
_CARDS = """
insert into loyalty_card (id, program_id, company_id, partner_id, code, active, points, create_date, write_date)
select 9000 + number, 1, 1, number, 'test-' || number, true, 200, '2025-01-01', '2025-01-01'
from generate_series(1, 40) as number;
insert into loyalty_history (card_id, description, issued, used, create_date, write_date)
select 9000 + number, 'Order', points, 0, '2025-01-01', '2025-01-01'
from generate_series(1, 40) as number cross join unnest(array[150, 50]) as points;
"""
_ACCOUNTS = """
insert into operational.loyalty_program (id, name, code, earning_rules, tiers, redemption_rules)
overriding system value values (5, 'Old club', 'old', '[]', '[]', '[]');
insert into operational.customer_loyalty (customer_id, program_id, points_balance, points_lifetime)
select number, 5, 300, 300 from generate_series(1, 40) as number;
insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points, balance_after)
select account.id, account.customer_id, 'earn', 100 * step, 50 * step * (step + 1)
from operational.customer_loyalty as account cross join generate_series(1, 2) as step;
"""


@dataclass(frozen=True)
class World:
    """Databases as an administrator sees them, and as the logins do."""

    odoo: str
    writer: str  # creamery_loyalty_writer in the Odoo database
    warehouse: str
    pipeline: str  # creamery_pipeline in the warehouse


def make(odoo: str, warehouse_uri: str) -> World:
    create_shop(odoo, customers=60, as_of=AS_OF, seed=5)
    for name in ("00_schema.sql", "10_loyalty.sql"):
        run(odoo, (ROOT / "sql" / "operational" / name).read_text())
    run(odoo, _CARDS, _ACCOUNTS)
    pipeline = nights.prepare_warehouse(warehouse_uri)
    nights.extract(odoo, pipeline, AS_OF)
    run(warehouse_uri, _EXPIRIES)
    run(
        warehouse_uri,
        "insert into ops.generation (as_of_dates, state) values (array['2026-11-19'::date], 'published');"
        " insert into ops.publication (as_of_date, generation, published_at)"
        " select '2026-11-19', max(generation), now() from ops.generation",
    )
    return World(odoo, let_writer_in(odoo), warehouse_uri, pipeline)


def copy(world: World, new_database: Callable[..., str]) -> World:
    odoo = new_database("points_shop", template=world.odoo)
    target = new_database("points_warehouse", template=world.warehouse)
    for database, logins in ((target, "creamery_pipeline"), (odoo, "creamery_loyalty_writer")):
        # A copy has its own rights to connect.
        run(database, f"grant connect, temporary on database {database.rpartition('/')[2]} to {logins}")
    writer = make_conninfo(odoo, user="creamery_loyalty_writer", password=_PASSWORD)
    return World(odoo, writer, target, nights.as_login(target, "creamery_pipeline"))


def reset(world: World) -> None:
    """What points change, as it was after the extraction."""
    run(
        world.odoo,
        "truncate creamery.points_expired",
        "delete from loyalty_history where card_id > 9000",
        "update loyalty_card set points = 200, write_date = '2025-01-01' where id > 9000",
        "delete from operational.loyalty_transaction where transaction_type <> 'earn' or points not in (100, 200)",
        "update operational.customer_loyalty set points_balance = 300, points_expired = 0, points_redeemed = 0",
    )
    kept = rows(world.warehouse, "select id, card_id, issued from raw_odoo.loyalty_history where card_id > 9000")
    with psycopg.connect(world.odoo) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into loyalty_history (id, card_id, description, issued, used, create_date, write_date)"
            " values (%s, %s, 'Order', %s, 0, '2025-01-01', '2025-01-01')",
            kept,
        )
    run(world.warehouse, "truncate audiences.loyalty_expiry, push.loyalty_plan cascade", "truncate push.loyalty_expiry")


def without_log(world: World) -> World:
    run(world.odoo, "drop table loyalty_history")
    run(world.warehouse, "update ops.source_table set state = 'absent' where table_name = 'loyalty_history'")
    return replace(world, writer=let_writer_in(world.odoo))


def let_writer_in(uri: str) -> str:
    """Run the script in the database; gives the login's DSN."""
    run(uri, _WRITER)
    run(uri, f"alter role creamery_loyalty_writer password '{_PASSWORD}'")
    return make_conninfo(uri, user="creamery_loyalty_writer", password=_PASSWORD)


def as_uri(dsn: str) -> str:
    """As Airflow's connections are written."""
    parts = conninfo_to_dict(dsn)
    user, password, host, port = (quote(str(parts[name])) for name in ("user", "password", "host", "port"))
    return f"postgresql://{user}:{password}@{host}:{port}/{parts['dbname']}"


def drop_writer(uri: str) -> None:
    """After the tests: the role is the whole server's."""
    run(uri, "drop owned by creamery_loyalty_writer")
    with suppress(errors.DependentObjectsStillExist):  # in copies that are not gone yet
        run(uri, "drop role creamery_loyalty_writer")


def run(uri: str, *statements: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(uri: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def value(uri: str, query: str, *values: Any) -> Any:
    return rows(uri, query, *values)[0][0]


def due(
    world: World, card: int, *points: int | Decimal, kind: str = "odoo", program: int = 1, times: int = 1
) -> list[str]:
    """The night says that so many points of lots of this card are due, the oldest lot first; their keys."""
    keys = [f"{kind}-h{card}{number}:{times}" for number in range(len(points))]
    with psycopg.connect(world.warehouse) as connection:
        for number, (key, each) in enumerate(zip(keys, points, strict=True)):
            expiry_date = AS_OF - dt.timedelta(days=len(points) - number)
            connection.execute(
                "insert into audiences.loyalty_expiry (as_of_date, expiry_key, program_id, card_id, source_kind,"
                " lot_key, lot_earned_date, expiry_date, points) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (AS_OF, key, program, card, kind, f"{kind}-t{number + 1}", expiry_date - dt.timedelta(days=365),
                 expiry_date, each),
            )  # fmt: skip
    return keys


def keeper(dsn: str, kind: SourceKind = SourceKind.ODOO) -> PointsKeeper:
    return (OdooCards if kind == SourceKind.ODOO else AddonAccounts)(Session(dsn))


def make_plan(world: World, kind: SourceKind = SourceKind.ODOO, limits: guard.Limits = LIMITS) -> plan.Planned:
    with warehouse.connect(world.pipeline, Role.TRANSFORMER) as connection:
        drawn = plan.draw(connection, AS_OF, kind)
    with warehouse.connect(world.pipeline, Role.PUSHER) as connection:
        return plan.store(connection, drawn, limits)


def write(
    world: World, plan_id: int, kind: SourceKind = SourceKind.ODOO, over: PointsKeeper | None = None
) -> apply.Applied:
    """What the tasks do with an approved plan, from the beginning."""
    used = over or keeper(world.writer, kind)
    with warehouse.connect(world.pipeline, Role.PUSHER) as connection, ledger.only_pusher(connection):
        apply.settle(connection, used)
        ledger.decide(connection, [plan_id], State.APPROVED, "Mina")
        stored = ledger.read_plan(connection, plan_id)
        applied = apply.write(connection, used, stored)
        apply.verify(connection, used, stored)
    return applied


def expire(world: World, kind: SourceKind = SourceKind.ODOO) -> apply.Applied:
    return write(world, make_plan(world, kind).plan_id, kind)


def balance(world: World, card: int) -> Decimal:
    found = value(world.odoo, "select points::numeric from loyalty_card where id = %s", card)
    assert isinstance(found, Decimal)
    return found


def states(world: World, keys: Sequence[str]) -> dict[str, tuple[str, Decimal]]:
    found = rows(
        world.warehouse,
        "select expiry_key, state, points from push.loyalty_expiry where expiry_key = any(%s)",
        list(keys),
    )
    return {key: (state, points) for key, state, points in found}
