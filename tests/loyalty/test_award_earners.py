"""Twenty customers earn while the same orders are awarded, each in a session of its own on a real PostgreSQL."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import IsolationLevel, errors

from tests.loyalty import clubs, worlds
from tests.loyalty.worlds import ACCOUNTS, World

CUSTOMERS, SHARED = ACCOUNTS[:20], ACCOUNTS[:4]
# Some orders earn before the push begins: the plan has been overtaken. The others do at some moment of it, or never.
BEFORE_THE_PUSH, EARLY, AT_MOST = 3, 5, 40
POINTS = 10
EARNED = "select from operational.loyalty_transaction where source_type = 'order' and source_id = %(source)s"


def earn(connection: psycopg.Connection, account: int, source_type: str, source_id: int, points: int) -> None:
    """As the shop's engine does it: what an order earned it does not earn again; read, then write what results, in a
    snapshot; a transaction that does not serialise is repeated."""
    asked = {"account": account, "type": source_type, "source": source_id, "points": points}
    while True:
        try:
            with connection.transaction():
                if source_type == "order" and connection.execute(EARNED, asked).fetchone() is not None:
                    return
                balance, lifetime = connection.execute(
                    "select points_balance, points_lifetime from operational.customer_loyalty where id = %(account)s",
                    asked,
                ).fetchone() or (0, 0)
                asked |= {"balance": balance + points, "lifetime": lifetime + points}
                connection.execute(
                    "update operational.customer_loyalty set points_balance = %(balance)s,"
                    " points_lifetime = %(lifetime)s where id = %(account)s",
                    asked,
                )
                connection.execute(
                    "insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points,"
                    " balance_after, source_type, source_id) select id, customer_id, 'earn', %(points)s, %(balance)s,"
                    " %(type)s, %(source)s from operational.customer_loyalty where id = %(account)s",
                    asked,
                )
                return
        except errors.SerializationFailure:
            continue


def shop(world: World, customer: int, opened: threading.Barrier, is_over: threading.Event) -> None:
    chance = random.Random(customer)  # noqa: S311
    order_at = 1 if customer <= EARLY else chance.randrange(BEFORE_THE_PUSH, AT_MOST)
    account = SHARED[customer % len(SHARED)]
    with psycopg.connect(world.odoo, autocommit=True) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        for number in range(AT_MOST):
            if number == BEFORE_THE_PUSH:
                opened.wait()
            if is_over.is_set():
                return
            if number == order_at:
                earn(connection, account, "order", customer, POINTS)
            else:
                earn(connection, account, "promotion", number, chance.randint(1, 3))


def test_each_order_earns_once_and_no_point_is_lost(club: World) -> None:
    keys = {
        customer: clubs.due(club, SHARED[customer % len(SHARED)], "order", POINTS, source_id=customer)
        for customer in CUSTOMERS
    }
    planned = clubs.make_plan(club)
    opened, is_over = threading.Barrier(len(CUSTOMERS) + 1), threading.Event()
    with ThreadPoolExecutor(len(CUSTOMERS)) as pool:
        customers = [pool.submit(shop, club, customer, opened, is_over) for customer in CUSTOMERS]
        try:
            opened.wait()
            clubs.write(club, planned.plan_id)
        finally:
            is_over.set()
            opened.abort()
        for customer in customers:
            customer.result()
    clubs.write(club, planned.plan_id)

    earned = worlds.rows(
        club.odoo,
        "select source_id, source_description from operational.loyalty_transaction where source_type = 'order'",
    )
    assert sorted(order for order, _ in earned) == list(CUSTOMERS)
    ours = {key for _, key in earned if key}
    assert {key for key, (state, _) in clubs.states(club).items() if state == "done"} == ours
    assert {key for (key,) in worlds.rows(club.odoo, "select award_key from creamery.points_awarded")} == ours
    assert ours.isdisjoint(keys[customer] for customer in range(1, EARLY + 1)), "the shop was first"
    for account in SHARED:
        balance, lifetime, _, _ = clubs.account_of(club, account)
        entries = worlds.rows(
            club.odoo,
            "select points, balance_after from operational.loyalty_transaction where loyalty_id = %s order by id",
            account,
        )
        assert balance == lifetime == sum(points for points, _ in entries)
        # A row's id follows the lock on its account, so that this is the order in which points moved.
        assert [after for _, after in entries[2:]] == [
            sum(points for points, _ in entries[: place + 1]) for place in range(2, len(entries))
        ]
