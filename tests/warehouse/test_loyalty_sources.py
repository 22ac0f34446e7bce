"""What the ledger makes of rows that only some versions and add-ons have."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.warehouse import loyalty_models

Row = tuple[Any, ...]
SEEN = "'2026-03-02 02:00+00', 'infinity', '2026-03-01', 'infinity', false"
LATER = "'2026-03-05 02:00+00', 'infinity', '2026-03-04', 'infinity', false"
CARD = (
    "insert into stg_odoo__loyalty_card_version values (7, 1, 1, {points}, false, '2026-01-01', '2026-01-01', {seen})"
)
ACCOUNT = (
    "insert into stg_odoo__customer_loyalty_version values (4, 9, 1, {points}, '2026-01-01', '2026-01-01', {seen})"
)


@pytest.fixture(scope="module")
def database(new_database: Callable[[str], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(new_database("sources")) as connection:
        connection.execute("set time zone 'UTC'")
        connection.execute(loyalty_models.SOURCES)
        connection.commit()
        yield connection


@pytest.fixture
def shop(database: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Rows of one test are gone with it."""
    with database.transaction(force_rollback=True):
        database.execute("insert into stg_ops__extraction values ('2026-03-05 02:00+00')")
        yield database


def ledger(shop: psycopg.Connection, *statements: str) -> list[Row]:
    for statement in statements:
        shop.execute(statement.encode())
    loyalty_models.build(shop, loyalty_models.LEDGER, ["2026-03-04"])
    return shop.execute(
        "select entry_key, entry_type, points::float, entry_date::text, reason, lot_key, bound_lot_key"
        " from fact_loyalty_ledger order by entry_date, entry_at, entry_order"
    ).fetchall()


ORDERS = f"""
insert into stg_odoo__sale_order_version values
    (1, true, '2026-01-10 09:00', '2026-01-10', {SEEN}), (2, true, '2026-02-10 09:00', '2026-02-10', {SEEN}),
    (3, false, '2026-02-11 09:00', '2026-02-11', {SEEN});
insert into stg_odoo__sale_order_coupon_points_version values
    (1, 7, 100, {SEEN}), (2, 7, 20, {SEEN}), (3, 7, 99, {SEEN});
insert into stg_odoo__reward_line_version values (2, 7, 30, {SEEN}), (3, 7, 9, {SEEN})
"""


def test_orders_tell_where_odoo_keeps_no_log(shop: psycopg.Connection) -> None:
    """Drafts earn nothing; in one order the use comes first; what nothing explains was there at the beginning."""
    assert ledger(shop, ORDERS, CARD.format(points=95, seen=SEEN)) == [
        ("c7", "adjust", 5, "2026-01-01", "opening", "odoo-c7", None),
        ("o1-c7i", "earn", 100, "2026-01-10", "order", "odoo-o1-c7", None),
        ("o2-c7u", "redeem", -30, "2026-02-10", "order", None, None),
        ("o2-c7i", "earn", 20, "2026-02-10", "order", "odoo-o2-c7", None),
    ]


def end(table: str, condition: str) -> str:
    """The rows that the later extraction did not find any more, or found changed."""
    return (
        f"update {table} set has_ended = true, known_to_at = '2026-03-05 02:00+00', known_to_date = '2026-03-04'"
        f" where known_from_date = '2026-03-01' and {condition}"
    )


def test_a_cancelled_order_is_an_entry_of_its_own(shop: psycopg.Connection) -> None:
    """Odoo deletes its rows: its points leave their lot, what it used comes back, and nothing before that changes."""
    before = ledger(shop, ORDERS, CARD.format(points=95, seen=SEEN))
    after = ledger(
        shop,
        end("stg_odoo__sale_order_version", "order_id = 2"),
        end("stg_odoo__sale_order_coupon_points_version", "order_id = 2"),
        end("stg_odoo__reward_line_version", "order_id = 2"),
        f"insert into stg_odoo__sale_order_version values (2, false, '2026-02-10 09:00', '2026-02-10', {LATER})",
        end("stg_odoo__loyalty_card_version", "true"),
        CARD.format(points=105, seen=LATER),
    )
    assert after == [
        *before,
        ("o2-c7u@1772676000", "refund", 30, "2026-03-04", "source row deleted", None, None),
        ("o2-c7i@1772676000", "refund", -20, "2026-03-04", "source row deleted", None, "odoo-o2-c7"),
    ]
    returned = "select returned_entry_key from fact_loyalty_ledger where points = 30"
    assert shop.execute(returned).fetchone() == ("o2-c7u",)


def test_an_order_that_was_written_again_does_what_it_did(shop: psycopg.Connection) -> None:
    """Order 1 was invoiced, which changes nothing; 2 has 5 points more, and 3 was confirmed between the nights."""
    before = ledger(shop, ORDERS, CARD.format(points=95, seen=SEEN))
    after = ledger(
        shop,
        end("stg_odoo__sale_order_version", "order_id in (1, 3)"),
        f"insert into stg_odoo__sale_order_version values (1, true, '2026-01-10 09:00', '2026-01-10', {LATER}),"
        f" (3, true, '2026-03-04 09:00', '2026-03-04', {LATER})",
        end("stg_odoo__sale_order_coupon_points_version", "order_id = 2"),
        f"insert into stg_odoo__sale_order_coupon_points_version values (2, 7, 25, {LATER})",
        end("stg_odoo__loyalty_card_version", "true"),
        CARD.format(points=190, seen=LATER),
    )
    assert after[: len(before)] == before
    assert sorted(after[len(before) :]) == [
        ("o2-c7i@1772676000", "adjust", 5, "2026-03-04", "source row changed", "odoo-o2-c7@1772676000", None),
        ("o3-c7i", "earn", 99, "2026-03-04", "order", "odoo-o3-c7", None),
        ("o3-c7u", "redeem", -9, "2026-03-04", "order", None, None),
    ]


def test_the_chatter_tells_what_orders_do_not(shop: psycopg.Connection) -> None:
    """100 by the order and 15 by hand on one day, 40 by a till on another."""
    tracked = """
        insert into stg_odoo__mail_tracking_value values
            (51, 7, 0, 100, '2026-01-10 09:00', '2026-01-10'), (52, 7, 100, 115, '2026-01-10 12:00', '2026-01-10'),
            (53, 7, 115, 105, '2026-02-10 09:00', '2026-02-10'), (54, 7, 105, 145, '2026-02-20 12:00', '2026-02-20')
    """
    assert ledger(shop, ORDERS, tracked, CARD.format(points=145, seen=SEEN)) == [
        ("o1-c7i", "earn", 100, "2026-01-10", "order", "odoo-o1-c7", None),
        ("m52", "adjust", 15, "2026-01-10", "manual", "odoo-m52", None),
        ("o2-c7u", "redeem", -30, "2026-02-10", "order", None, None),
        ("o2-c7i", "earn", 20, "2026-02-10", "order", "odoo-o2-c7", None),
        ("m54", "adjust", 40, "2026-02-20", "manual", "odoo-m54", None),
    ]


def test_after_an_upgrade_the_log_takes_over(shop: psycopg.Connection) -> None:
    """Order 2 has a row in the log and is not counted twice."""
    log = (
        "insert into stg_odoo__loyalty_history_version values"
        f" (61, 7, 20, 30, 2, null, 'Order 2', '2026-02-10 09:00', '2026-02-10', {SEEN})"
    )
    assert [row[:3] for row in ledger(shop, ORDERS, log, CARD.format(points=90, seen=SEEN))] == [
        ("o1-c7i", "earn", 100),
        ("h61u", "redeem", -30),
        ("h61i", "earn", 20),
    ]


def test_a_history_above_the_balance_is_a_mismatch(shop: psycopg.Connection) -> None:
    assert ledger(shop, ORDERS, CARD.format(points=50, seen=SEEN))[-1] == (
        *("c7", "adjust", -40, "2026-03-01", "mismatch", None, None),
    )


def test_a_pushed_expiry_is_the_proof_where_there_is_no_log(shop: psycopg.Connection) -> None:
    """Before the next extraction it is ahead of the balance; afterwards nothing is unexplained."""
    expiry = (
        "insert into stg_ops__loyalty_expiry values ('Expired points odoo-o1-c7/1', 'odoo', 1, 7, 'odoo-o1-c7', 70,"
        " '2026-03-01', 'done', '{pushed}+00', '{pushed}')"
    )
    entry = ("Expired points odoo-o1-c7/1", "expire", -70, "2026-03-03", "expiry", None, "odoo-o1-c7")
    first = CARD.format(points=90, seen=SEEN)
    last = ledger(shop, ORDERS, first, expiry.format(pushed="2026-03-03"), "truncate stg_ops__extraction")
    assert last[-1] == entry
    assert len(last) == 4
    read = ledger(
        shop,
        "insert into stg_ops__extraction values ('2026-03-05 02:00+00')",
        "update stg_odoo__loyalty_card_version set has_ended = true, known_to_at = '2026-03-05 02:00+00',"
        " known_to_date = '2026-03-04'",
        CARD.format(points=20, seen=LATER),
    )
    assert read == last


def test_a_refund_at_the_till_takes_back_its_own_points(shop: psycopg.Connection) -> None:
    till = f"""
        insert into stg_odoo__pos_order values
            (5, true, false, '2026-02-01', '2026-02-01'), (6, true, true, '2026-02-08', '2026-02-08');
        insert into stg_odoo__pos_order_line values (50, 5, null, false, null, 0), (60, 6, 50, false, null, 0);
        insert into stg_odoo__loyalty_history_version values
            (71, 7, 25, 0, null, 5, 'Till', '2026-02-01 10:00', '2026-02-01', {SEEN}),
            (72, 7, 0, 25, null, 6, 'Till', '2026-02-08 10:00', '2026-02-08', {SEEN})
    """
    assert ledger(shop, till, CARD.format(points=0, seen=SEEN)) == [
        ("h71i", "earn", 25, "2026-02-01", "pos order", "odoo-h71", None),
        ("h72u", "refund", -25, "2026-02-08", "refund", None, "odoo-h71"),
    ]


def test_the_add_on_says_what_a_movement_is(shop: psycopg.Connection) -> None:
    """A refund finds its order's lot, an expiry its own; a row that was changed afterwards is an entry of its own."""
    first = f"""
        insert into stg_odoo__points_program values (9);
        insert into stg_odoo__loyalty_transaction_version values
            (1, 4, 'earn', 100, 'order', 11, '2026-02-15', '2026-01-05', '2026-01-05', {SEEN}),
            (2, 4, 'earn', 30, 'signup', null, '2026-12-31', '2026-01-06', '2026-01-06', {SEEN}),
            (3, 4, 'redeem', -40, 'order', 12, null, '2026-01-07', '2026-01-07', {SEEN}),
            (4, 4, 'adjust', -10, 'refund', 11, null, '2026-01-08', '2026-01-08', {SEEN}),
            (5, 4, 'transfer', -5, 'manual', null, null, '2026-01-09', '2026-01-09', {SEEN}),
            (6, 4, 'expire', -50, 'loyalty_transaction', 1, null, '2026-02-16', '2026-02-16',
             '2026-03-02 02:00+00', '2026-03-05 02:00+00', '2026-03-01', '2026-03-04', true),
            (6, 4, 'expire', -45, 'loyalty_transaction', 1, null, '2026-02-16', '2026-02-16', {LATER})
    """
    moves = ledger(
        shop,
        first,
        ACCOUNT.format(
            points=25, seen="'2026-03-02 02:00+00', '2026-03-05 02:00+00', '2026-03-01', '2026-03-04', true"
        ),
        ACCOUNT.format(points=30, seen=LATER),
    )
    assert moves == [
        ("t1", "earn", 100, "2026-01-05", "order", "addon-t1", None),
        ("t2", "earn", 30, "2026-01-06", "signup", "addon-t2", None),
        ("t3", "redeem", -40, "2026-01-07", "order", None, None),
        ("t4", "refund", -10, "2026-01-08", "refund", None, "addon-t1"),
        ("t5", "transfer", -5, "2026-01-09", "manual", None, None),
        ("t6", "expire", -50, "2026-02-16", "loyalty_transaction", None, "addon-t1"),
        ("t6@1772676000", "expire", 5, "2026-03-04", "source row changed", None, "addon-t1"),
    ]


DUE_AND_GOOD = f"""
insert into stg_odoo__points_program values (9);
insert into stg_odoo__loyalty_transaction_version values
    (1, 4, 'earn', 100, 'order', 11, '2026-02-15', '2026-01-05', '2026-01-05', {SEEN}),
    (2, 4, 'earn', 30, 'signup', null, '2026-12-31', '2026-01-06', '2026-01-06', {SEEN});
insert into stg_ops__loyalty_expiry values
    ('Expired points addon-t1/1', 'addon', 9, 4, 'addon-t1', 100, '2026-03-02', 'done', '2026-03-03 09:00:00.25+00',
     '2026-03-03')
"""
EARNED = [
    ("t1", "earn", 100, "2026-01-05", "order", "addon-t1", None),
    ("t2", "earn", 30, "2026-01-06", "signup", "addon-t2", None),
]
PROOF = ("Expired points addon-t1/1", "expire", -100, "2026-03-03", "expiry", None, "addon-t1")
ROW = ("t6", "expire", -100, "2026-03-03", "loyalty_transaction", None, "addon-t1")
NEXT = "'2026-03-06 02:00+00', 'infinity', '2026-03-05', 'infinity', false"
NEXT_NIGHT = "insert into stg_ops__extraction values ('2026-03-06 02:00+00')"
EXPIRY_ROW = (
    "insert into stg_odoo__loyalty_transaction_version values"
    " (6, 4, 'expire', -100, 'loyalty_transaction', 1, null, '{written}', '2026-03-03', {seen})"
)
END_OF_ACCOUNT = (
    "update stg_odoo__customer_loyalty_version set has_ended = true, known_to_at = '{moment}', known_to_date = '{day}'"
)


def test_an_expiry_of_an_account_stands_until_its_row_is_read(shop: psycopg.Connection) -> None:
    """The night read the account and not its transactions: 100 are gone from their own lot, nothing from the good one.
    The night after has the row in place of the proof, and no mismatch on either."""
    stopped = ledger(
        shop,
        DUE_AND_GOOD,
        ACCOUNT.format(points=130, seen=SEEN),
        END_OF_ACCOUNT.format(moment="2026-03-05 02:00+00", day="2026-03-04"),
        ACCOUNT.format(points=30, seen=LATER),
    )
    assert stopped == [*EARNED, PROOF]
    assert ledger(shop, NEXT_NIGHT, EXPIRY_ROW.format(written="2026-03-03 09:00:00.25", seen=NEXT)) == [*EARNED, ROW]


def test_an_expiry_that_committed_after_the_snapshot_waits_for_the_next(shop: psycopg.Connection) -> None:
    """Its now() is before the extraction's snapshot, which saw neither the row nor the balance. A source that keeps
    whole seconds alone has the row all the same."""
    assert ledger(shop, DUE_AND_GOOD, ACCOUNT.format(points=130, seen=SEEN)) == [*EARNED, PROOF]
    read = ledger(
        shop,
        NEXT_NIGHT,
        END_OF_ACCOUNT.format(moment="2026-03-06 02:00+00", day="2026-03-05"),
        ACCOUNT.format(points=30, seen=NEXT),
        EXPIRY_ROW.format(written="2026-03-03 09:00:00", seen=NEXT),
    )
    assert read == [*EARNED, ROW]


def test_an_expiry_by_the_add_on_itself_takes_no_proof_away(shop: psycopg.Connection) -> None:
    """Another row of the lot's, of another moment."""
    moves = ledger(
        shop,
        DUE_AND_GOOD.replace("'addon-t1', 100", "'addon-t1', 60"),
        EXPIRY_ROW.format(written="2026-03-03 07:00", seen=LATER).replace("-100", "-40"),
        ACCOUNT.format(points=130, seen=SEEN),
        END_OF_ACCOUNT.format(moment="2026-03-05 02:00+00", day="2026-03-04"),
        ACCOUNT.format(points=30, seen=LATER),
    )
    assert [row[:3] for row in moves[2:]] == [("t6", "expire", -40), (PROOF[0], "expire", -60)]
