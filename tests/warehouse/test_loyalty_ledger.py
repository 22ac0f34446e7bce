"""The ledger over many nights of a shop that earns, spends, cancels, edits and deletes."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.warehouse import loyalty_models

PROGRAM = 1
CARDS = (1, 2, 3)
FIRST_DAY = dt.date(2025, 1, 1)
ACTIVATION = dt.date(2025, 2, 1)
NIGHT = dt.timedelta(hours=26)  # of the day that ends: an extraction at two in the morning
CARD = st.sampled_from(CARDS)
POINTS = st.integers(1, 40).map(Decimal)

STATE = (
    "stg_odoo__loyalty_card_version", "stg_odoo__loyalty_history_version", "stg_ops__extraction",
    "stg_ops__loyalty_expiry", "stg_ops__points_warning",
)  # fmt: skip


@dataclass
class Entry:
    """A row of loyalty_history."""

    card: int
    issued: Decimal
    used: Decimal
    order: int | None
    text: str
    at: dt.datetime


@dataclass
class Shop:
    """An Odoo with three cards, and what its nights have seen of it."""

    day: dt.date = FIRST_DAY
    points: dict[int, Decimal] = field(default_factory=lambda: dict.fromkeys(CARDS, Decimal(0)))
    log: dict[int, Entry] = field(default_factory=dict)
    number: int = 0
    seen_cards: dict[int, Decimal] = field(default_factory=dict)
    seen_log: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @property
    def now(self) -> dt.datetime:
        """Every look at the clock is a minute later."""
        self.number += 1
        return dt.datetime.combine(self.day, dt.time(8)) + dt.timedelta(seconds=self.number % 30_000)

    def write(self, card: int, issued: Decimal, used: Decimal, text: str = "", is_order: bool = False) -> None:
        at = self.now
        self.log[self.number] = Entry(card, issued, used, self.number if is_order else None, text, at)
        self.points[card] += issued - used


class Nights(RuleBasedStateMachine):
    connection: psycopg.Connection

    @initialize()
    def begin(self) -> None:
        self.shop = Shop()
        self.known: dict[str, tuple[Any, ...]] = {}
        self.expired: dict[str, Decimal] = {}
        self.plan: list[tuple[Any, ...]] = []
        self.connection.execute(f"truncate {', '.join(STATE)}".encode())

    @rule(card=CARD, points=POINTS, used=st.integers(0, 20).map(Decimal))
    def order(self, card: int, points: Decimal, used: Decimal) -> None:
        """An order may spend and earn at once: in one row."""
        self.shop.write(card, points, min(used, max(self.shop.points[card], Decimal(0))), is_order=True)

    @rule(card=CARD, points=POINTS)
    def spend(self, card: int, points: Decimal) -> None:
        if spent := min(points, max(self.shop.points[card], Decimal(0))):
            self.shop.write(card, Decimal(0), spent, is_order=True)

    @rule(card=CARD, points=POINTS, is_gift=st.booleans())
    def adjust(self, card: int, points: Decimal, is_gift: bool) -> None:
        self.shop.write(card, points if is_gift else Decimal(0), Decimal(0) if is_gift else points, "Manual")

    @rule(card=CARD, points=POINTS, sign=st.sampled_from([1, -1]))
    def overwrite_balance(self, card: int, points: Decimal, sign: int) -> None:
        """A form or an import writes the balance and no row."""
        self.shop.points[card] += sign * points

    @rule(choice=st.integers(0, 99), points=POINTS)
    def spend_more_on_an_order(self, choice: int, points: Decimal) -> None:
        """Odoo raises `used` in place."""
        if orders := [entry for entry in self.shop.log.values() if entry.order]:
            entry = orders[choice % len(orders)]
            entry.used += points
            self.shop.points[entry.card] -= points

    @rule(choice=st.integers(0, 99))
    def cancel_order(self, choice: int) -> None:
        """Odoo deletes the order's row and takes back what it did."""
        if orders := [number for number, entry in self.shop.log.items() if entry.order]:
            entry = self.shop.log.pop(orders[choice % len(orders)])
            self.shop.points[entry.card] -= entry.issued - entry.used

    @rule(choice=st.integers(0, 99), points=POINTS)
    def edit_log_alone(self, choice: int, points: Decimal) -> None:
        """By hand in the database; the balance stays."""
        if entries := [entry for entry in self.shop.log.values() if entry.text == "Manual"]:
            entries[choice % len(entries)].issued = points

    @rule(days=st.integers(1, 40))
    def night(self, days: int) -> None:
        """Days pass; the night after the last of them is seen, and the warnings go out."""
        self.shop.day += dt.timedelta(days=days - 1)
        self.extract()
        self.compute()
        first = self.read()
        self.compute()
        assert self.read() == first, "a second run of the same night"
        self.check()
        self.connection.execute(
            "insert into stg_ops__points_warning select distinct customer_sk, as_of_date + 1 from loyalty_lot_terms"
            " where warned_date is null and due_date <= as_of_date + 30"
        )
        self.plan = self.connection.execute(
            "select loyalty_card_sk, lot_key, points_left, last_day from states natural join loyalty_lot_terms"
            " where points_left > 0 and last_day <= as_of_date"
        ).fetchall()
        self.shop.day += dt.timedelta(days=1)

    @precondition(lambda self: self.plan)
    @rule(is_cut_off=st.booleans())
    def push(self, is_cut_off: bool) -> None:
        """The lots of the plan, as far as the card still has them; cut off: the acknowledgement is lost for a night."""
        for card_sk, lot, left, last_day in self.plan:
            card = next(card for card in CARDS if sk_of(card) == card_sk)
            points = min(left, max(self.shop.points[card], Decimal(0)))
            if not points:
                continue
            key = f"{lot}/{len(self.expired)}"
            assert self.shop.points[card] - points >= 0
            self.shop.write(card, Decimal(0), points, key)
            self.expired[key] = points
            self.connection.execute(
                "insert into stg_ops__loyalty_expiry values (%s, 'odoo', 1, %s, %s, %s, %s, %s, %s, %s)",
                (
                    *(key, card, lot, points, last_day),
                    *(("sending", None, None) if is_cut_off else ("done", utc(self.shop.now), self.shop.day)),
                ),
            )
        self.plan = []

    def extract(self) -> None:
        """Write versions of what changed since the last extraction."""
        moment = utc(dt.datetime.combine(self.shop.day, dt.time()) + NIGHT)
        for card, points in self.shop.points.items():
            if self.shop.seen_cards.get(card) != points:
                self.end("stg_odoo__loyalty_card_version", "loyalty_card_id", card, moment)
                self.connection.execute(
                    "insert into stg_odoo__loyalty_card_version values"
                    " (%s, 1, %s, %s, false, '2025-01-01', '2025-01-01', %s, 'infinity', %s, 'infinity', false)",
                    (card, card, points, moment, self.shop.day),
                )
        for number in self.shop.seen_log.keys() - self.shop.log.keys():
            self.end("stg_odoo__loyalty_history_version", "loyalty_history_id", number, moment)
        for number, entry in self.shop.log.items():
            if self.shop.seen_log.get(number) != (entry.issued, entry.used):
                self.end("stg_odoo__loyalty_history_version", "loyalty_history_id", number, moment)
                self.connection.execute(
                    "insert into stg_odoo__loyalty_history_version values"
                    " (%s, %s, %s, %s, %s, null, %s, %s, %s, %s, 'infinity', %s, 'infinity', false)",
                    (
                        *(number, entry.card, entry.issued, entry.used, entry.order, entry.text, entry.at),
                        *(entry.at.date(), moment, self.shop.day),
                    ),
                )
        self.shop.seen_cards = dict(self.shop.points)
        self.shop.seen_log = {number: (entry.issued, entry.used) for number, entry in self.shop.log.items()}
        self.connection.execute("insert into stg_ops__extraction values (%s)", (moment,))
        # Who was cut off reads back what became of it.
        self.connection.execute(
            "update stg_ops__loyalty_expiry set expiry_state = 'done', pushed_at = %s, pushed_date = %s"
            " where expiry_state = 'sending'",
            (moment, self.shop.day),
        )

    def end(self, table: str, key: str, number: int, moment: dt.datetime) -> None:
        self.connection.execute(
            f"update {table} set known_to_at = %s, known_to_date = %s, has_ended = true"
            f" where {key} = %s and not has_ended".encode(),
            (moment, self.shop.day, number),
        )

    def compute(self) -> None:
        loyalty_models.build(self.connection, loyalty_models.LEDGER, [str(self.shop.day)])
        loyalty_models.build_lots(self.connection, [str(self.shop.day)])
        self.connection.execute("drop table if exists pg_temp.states")
        self.connection.execute(
            "create temporary table states as select loyalty_card_sk, lot_number, points_left from loyalty_lot_sums"
            " where is_plain union all select loyalty_card_sk, lot_number, points_left from loyalty_lot_replay"
        )

    def read(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        ledger = self.connection.execute(
            "select entry_key, card_id, entry_type, points, entry_date, lot_key, bound_lot_key"
            " from fact_loyalty_ledger order by 1"
        ).fetchall()
        return ledger, self.connection.execute("select * from states order by 1, 2").fetchall()

    def check(self) -> None:
        ledger, states = self.read()
        keys = [row[0] for row in ledger]
        assert len(keys) == len(set(keys))
        for row in ledger:
            assert self.known.setdefault(row[0], row) == row, "history was rewritten"
        assert self.known.keys() == set(keys), "an entry is gone"
        for card in CARDS:
            entries = [row for row in ledger if row[1] == card]
            assert sum(row[3] for row in entries) == self.shop.points[card], "entries add up to the balance"
            assert all(row[4] <= self.shop.day for row in entries)
            left = sum(each[2] for each in states if each[0] == sk_of(card))
            assert left == max(self.shop.points[card], Decimal(0)), "lots add up to the balance"
        expired = {row[0]: -row[3] for row in ledger if row[2] == "expire"}
        assert expired == self.expired, "each expiry is in the ledger once, whole"
        opened = {row[5]: row[3] for row in ledger if row[5]}
        for lot, points in opened.items():
            assert sum(-row[3] for row in ledger if row[2] == "expire" and row[6] == lot) <= points


def utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)


def sk_of(card: int) -> int:
    return SURROGATE_KEYS[card]


SURROGATE_KEYS: dict[int, int] = {}


@pytest.fixture(scope="module")
def connection(new_database: Callable[[str], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(new_database("ledger"), autocommit=True) as opened:
        opened.execute("set time zone 'UTC'")
        opened.execute(loyalty_models.SOURCES)
        for card in CARDS:
            key = f"select ('x' || substr(md5('loyalty card|odoo|{card}'), 1, 16))::bit(64)::bigint"
            SURROGATE_KEYS[card] = (opened.execute(key.encode()).fetchone() or (0,))[0]
        yield opened


def test_the_ledger_through_any_nights(connection: psycopg.Connection) -> None:
    Nights.connection = connection
    run_state_machine_as_test(Nights, settings=settings(max_examples=10, stateful_step_count=20))  # type: ignore[no-untyped-call]


def test_what_is_left_expires_once(connection: psycopg.Connection) -> None:
    """60 points, 20 spent: 40 expire 30 days after the warning; the customer's last order keeps its own."""
    Nights.connection = connection
    shop = Nights()
    shop.begin()
    shop.order(1, Decimal(60), Decimal(0))
    shop.night(1)
    shop.spend(1, Decimal(20))
    shop.night(40)
    assert shop.plan == []  # due on 3 March, warned on 11 February
    shop.order(1, Decimal(7), Decimal(0))
    shop.night(20)
    assert shop.plan == []  # good through 12 March
    shop.night(12)
    assert [(points, last_day) for _, _, points, last_day in shop.plan] == [(Decimal(40), dt.date(2025, 3, 12))]
    shop.push(is_cut_off=True)
    shop.night(1)
    assert shop.plan == []
    assert shop.shop.points[1] == 7
    shop.night(10)
    assert shop.plan == []
