"""Twenty customers use and earn points while these expire, each in a session of its own on a real PostgreSQL."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from creamery.loyalty.keeper import SourceKind
from tests.loyalty import worlds
from tests.loyalty.worlds import ACCOUNTS, CARDS, World

CUSTOMERS, SHARED, DUE = 20, 4, 150
BEFORE_THE_PUSH, AT_MOST = 3, 40


@dataclass(frozen=True)
class Store:
    """How a customer's order moves points. As Odoo does it: read, then write the balance that results, in a snapshot;
    a transaction that does not serialise is repeated."""

    read: str
    write: str
    log: str
    opening: int


STORES = {
    SourceKind.ODOO: Store(
        "select points::numeric from loyalty_card where id = %(card)s",
        "update loyalty_card set points = %(balance)s where id = %(card)s",
        "insert into loyalty_history (card_id, description, issued, used)"
        " values (%(card)s, 'Order', greatest(%(change)s, 0), greatest(-%(change)s, 0))",
        200,
    ),
    SourceKind.ADDON: Store(
        "select points_balance::numeric from operational.customer_loyalty where id = %(card)s",
        "update operational.customer_loyalty set points_balance = %(balance)s where id = %(card)s",
        "insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points, balance_after)"
        " values (%(card)s, 1, case when %(change)s > 0 then 'earn' else 'redeem' end, %(change)s, %(balance)s)",
        300,
    ),
}
ENTRIES = {
    SourceKind.ODOO: "select id, issued::numeric - used::numeric, description from loyalty_history where card_id = %s"
    " order by id offset 2",
    SourceKind.ADDON: "select id, points::numeric, coalesce(source_description, 'Order')"
    " from operational.loyalty_transaction where loyalty_id = %s order by id offset 2",
}


def move(connection: psycopg.Connection, store: Store, card: int, change: int) -> None:
    while True:
        try:
            with connection.transaction():
                (held,) = connection.execute(store.read.encode(), {"card": card}).fetchone() or (Decimal(0),)
                if held + change < 0:
                    return
                moved = {"card": card, "balance": held + change, "change": change}
                connection.execute(store.write.encode(), moved)
                connection.execute(store.log.encode(), moved)
                return
        except errors.SerializationFailure:
            continue


def shop(world: World, store: Store, card: int, seed: int, opened: threading.Barrier, is_over: threading.Event) -> None:
    chance = random.Random(seed)  # noqa: S311
    with psycopg.connect(world.odoo, autocommit=True) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        for number in range(AT_MOST):
            if number == BEFORE_THE_PUSH:
                opened.wait()
            if is_over.is_set():
                return
            move(connection, store, card, chance.choice((-1, 1)))


@pytest.mark.parametrize("kind", list(SourceKind))
def test_no_point_is_lost_or_expired_that_was_used(world: World, kind: SourceKind) -> None:
    store, cards = STORES[kind], (CARDS if kind == SourceKind.ODOO else ACCOUNTS)[:SHARED]
    program = 1 if kind == SourceKind.ODOO else 5
    keys = {card: worlds.due(world, card, DUE, kind=str(kind), program=program)[0] for card in cards}
    planned = worlds.make_plan(world, kind)
    opened, is_over = threading.Barrier(CUSTOMERS + 1), threading.Event()
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        customers = [
            pool.submit(shop, world, store, cards[number % SHARED], number, opened, is_over)
            for number in range(CUSTOMERS)
        ]
        try:
            opened.wait()
            worlds.write(world, planned.plan_id, kind)
        finally:
            is_over.set()
            opened.abort()
        for customer in customers:
            customer.result()
    worlds.write(world, planned.plan_id, kind)

    for card in cards:
        (balance,) = worlds.rows(world.odoo, store.read.replace("%(card)s", "%s"), card)[0]
        # A row's id follows the lock on its card, so that this is the order in which points moved.
        entries = worlds.rows(world.odoo, ENTRIES[kind], card)
        place = [description for _, _, description in entries].index(keys[card])
        used_before = -sum(change for _, change, _ in entries[:place] if change < 0)
        assert used_before > 0, "somebody used points between plan and push"
        assert -entries[place][1] == max(DUE - used_before, 0)
        assert balance == store.opening + sum(change for _, change, _ in entries)
        assert balance >= 0
        assert [description for _, _, description in entries].count(keys[card]) == 1
