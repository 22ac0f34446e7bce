"""Lots of points against a plain model of them: random histories, many cards at a time."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse import loyalty_models
from tests.warehouse.loyalty_reference import MONTH, NEVER, Card

FIRST = dt.date(2024, 1, 1)
ACTIVATION = dt.date(2024, 6, 1)
MONTHS = 3
LAST = dt.date(2025, 6, 30)

TABLES = """
create temporary table fact_loyalty_ledger (
    ledger_entry_sk bigint, loyalty_card_sk bigint, loyalty_program_sk bigint, customer_sk bigint, source_kind text,
    entry_key text, entry_type text, points numeric(16, 4), entry_at timestamp, entry_date date, entry_order bigint,
    own_expiry_date date, lot_key text, bound_lot_key text, returned_entry_key text
);
create temporary table dim_loyalty_program (
    loyalty_program_sk bigint, expiry_mode text, first_expiry_date date, expiry_months integer
);
create temporary table stg_ops__points_warning (customer_sk bigint, warned_date date);
insert into dim_loyalty_program values (1, 'active', date '2024-07-01', 3), (2, 'no rule', null, null)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a card: so many days after the step before."""

    kind: str
    days: int
    points: int
    choice: int


STEPS = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(
            ["earn"] * 5
            + ["use"] * 4
            + ["expire"] * 3
            + ["warn"] * 2
            + ["take back", "give back", "own term", "undo", "stray"]
        ),
        days=st.integers(0, 45),
        points=st.integers(1, 60),
        choice=st.integers(0, 10),
    ),
    min_size=1,
    max_size=25,
)
# Long and close together: what was expired is on record again and again, among points that go on.
PLAIN_STEPS = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["earn"] * 3 + ["use"] * 2 + ["expire"] * 6 + ["warn"] * 3),
        days=st.integers(0, 12),
        points=st.integers(1, 30),
        choice=st.integers(0, 200),
    ),
    min_size=40,
    max_size=70,
)


class History:
    """Lets the steps happen to the reference and writes the ledger's rows; both start from the same story."""

    def __init__(self, number: int, steps: list[Step]) -> None:
        self.number = number
        self.has_rule = number % 5 != 0
        self.rows: list[tuple[object, ...]] = []
        self.warnings: list[dt.date] = []
        self.day = FIRST
        for place, step in enumerate(steps, 1):
            self.day += dt.timedelta(days=step.days)
            if self.day <= LAST:
                self.happen(place, step)

    def happen(self, place: int, step: Step) -> None:
        key = f"e{self.number}-{place}"
        points = Decimal(step.points)
        earned = [row for row in self.rows if row[5] == "earn"]
        used = [row for row in self.rows if row[5] == "redeem"]
        expired = [row for row in self.rows if row[5] == "expire" and row[6] < 0 and row[12]]
        match step.kind:
            case "earn":
                self.add(place, key, "earn", points, lot=f"lot-{key}")
            case "own term":
                self.add(place, key, "earn", points, lot=f"lot-{key}", own=self.day + dt.timedelta(days=step.points))
            case "use":
                # Now and then more than there is: the source allows it. A high choice leaves alone what fell due.
                card = self.replay(self.day)
                good = sum(lot.left for lot in card.lots.values() if not lot.is_over(self.day))
                most = good if step.choice > 10 else max(card.balance, Decimal(1))
                if taken := points if step.choice == 0 else min(points, Decimal(most)):
                    self.add(place, key, "redeem", -taken)
            case "warn":
                self.warnings.append(self.day)
            case "expire":
                # What the plan of the night before says, once for each lot; the shop's own may take less or more.
                planned = self.replay(self.day - dt.timedelta(days=1))
                held = self.replay(self.day).lots
                for lot in planned.lots.values():
                    if lot.left and lot.last_day < self.day and lot.left <= held[lot.key].left:
                        taken = {0: min(points, lot.left), 1: lot.left + points}.get(step.choice, lot.left)
                        self.add(place, f"{key}/{lot.key}", "expire", -taken, bound=lot.key)
                        if taken > lot.left:
                            break
            case "stray" if earned:
                # An expiry by the shop itself that names no lot.
                self.add(place, key, "expire", -points)
            case "take back" if earned:
                row = earned[step.choice % len(earned)]
                self.add(place, key, "refund", -min(points, Decimal(str(row[6]))), bound=str(row[11]))
            case "give back" if used:
                row = used[step.choice % len(used)]
                self.add(place, key, "refund", min(points, -Decimal(str(row[6]))), returns=str(row[4]))
            case "undo" if expired:
                row = expired[step.choice % len(expired)]
                self.add(place, key, "expire", min(points, -Decimal(str(row[6]))), bound=str(row[12]))

    def add(
        self,
        place: int,
        key: str,
        kind: str,
        points: Decimal,
        lot: str | None = None,
        bound: str | None = None,
        returns: str | None = None,
        own: dt.date | None = None,
    ) -> None:
        number = 1_000_000 * self.number + 1000 * place + len(self.rows)
        moment = dt.datetime.combine(self.day, dt.time())
        program = 1 if self.has_rule else 2
        self.rows.append(
            (
                *(number, self.number, program, "odoo", key, kind, points, moment, self.day, number),
                *(own, lot, bound, returns),
            )
        )

    def last_day(self, due: dt.date, opened: dt.date, day: dt.date) -> dt.date:
        warned = [at for at in self.warnings if opened < at < day and due <= at + MONTH - dt.timedelta(days=1)]
        return max(due, min(warned) + MONTH - dt.timedelta(days=1)) if warned else NEVER

    def replay(self, day: dt.date) -> Card:
        """The card at the end of a day."""
        card = Card()
        for row in self.rows:
            key, kind, points, at, own, lot, bound, returns = (str(row[4]), row[5], row[6], row[8], *row[10:])
            assert isinstance(points, Decimal)
            assert isinstance(at, dt.date)
            if at > day:
                continue
            term = own or (at + MONTH if lot is None else at + relativedelta(months=MONTHS))
            due = max(term, ACTIVATION + MONTH) if self.has_rule else NEVER
            last_day = self.last_day(due, at, day) if self.has_rule else NEVER
            if points > 0 and lot:
                card.open(str(lot), points, due, last_day)
            elif points > 0 and bound:
                # Its own lot of 30 days stays empty.
                card.open(f"odoo-r-{key}", Decimal(0), due, last_day)
                card.put_back(str(bound), points)
            elif points > 0:
                card.give_back(str(returns), f"odoo-r-{key}", points, at, due, last_day)
            elif kind == "expire":
                card.expire(str(bound), -points)
            elif bound:
                card.take_back(str(bound), -points)
            else:
                card.use(key, -points, at)
        return card


@pytest.fixture(scope="module")
def database(new_database: Callable[[str], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(new_database("loyalty"), autocommit=True) as connection:
        connection.execute(TABLES)
        yield connection


def fill(connection: psycopg.Connection, histories: list[History]) -> None:
    connection.execute("truncate fact_loyalty_ledger, stg_ops__points_warning")
    with connection.cursor() as cursor:
        with cursor.copy(
            "copy fact_loyalty_ledger (ledger_entry_sk, loyalty_card_sk, loyalty_program_sk, source_kind, entry_key,"
            " entry_type, points, entry_at, entry_date, entry_order, own_expiry_date, lot_key, bound_lot_key,"
            " returned_entry_key) from stdin"
        ) as rows:
            for history in histories:
                for row in history.rows:
                    rows.write_row(row)
        cursor.execute("update fact_loyalty_ledger set customer_sk = loyalty_card_sk")
        cursor.executemany(
            "insert into stg_ops__points_warning values (%s, %s)",
            [(history.number, day) for history in histories for day in history.warnings],
        )


def lots_of(connection: psycopg.Connection, states: str) -> dict[tuple[dt.date, int], dict[str, Decimal]]:
    query = (
        "select as_of_date, loyalty_card_sk, lot_key, points_left from loyalty_lot_terms"
        f" inner join ({states}) as states using (as_of_date, loyalty_card_sk, lot_number)"
    )
    found: dict[tuple[dt.date, int], dict[str, Decimal]] = {}
    for day, card, lot, left in connection.execute(query.encode()):
        found.setdefault((day, card), {})[lot] = left
    return found


def compare(connection: psycopg.Connection, histories: list[History], days: list[dt.date]) -> int:
    """Both ways of the models against the reference; how many cards went the plain way."""
    fill(connection, histories)
    loyalty_models.build_lots(connection, [str(day) for day in days])
    plain = lots_of(connection, "select * from loyalty_lot_sums where is_plain")
    replayed = lots_of(
        connection, "select as_of_date, loyalty_card_sk, lot_number, points_left from loyalty_lot_replay"
    )
    assert not plain.keys() & replayed.keys()
    for history in histories:
        for day in days:
            card = history.replay(day)
            expected = {lot.key: lot.left for lot in card.lots.values()}
            found = (plain | replayed).get((day, history.number), {})
            assert {key: left for key, left in found.items() if left} == {k: v for k, v in expected.items() if v}, day
            assert all(left >= 0 for left in found.values())
            assert card.balance == sum(row[6] for row in history.rows if row[8] <= day)  # type: ignore[misc,operator]
    return len(plain)


RUN = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@RUN
@given(cards=st.lists(STEPS, min_size=1, max_size=12))
def test_any_history_leaves_what_the_reference_leaves(database: psycopg.Connection, cards: list[list[Step]]) -> None:
    histories = [History(number, steps) for number, steps in enumerate(cards, 1)]
    compare(database, histories, [dt.date(2024, 8, 15), dt.date(2025, 1, 31), LAST])


@RUN
@given(cards=st.lists(PLAIN_STEPS, min_size=1, max_size=4))
def test_plain_histories_leave_the_same_by_sums(database: psycopg.Connection, cards: list[list[Step]]) -> None:
    histories = [History(number, steps) for number, steps in enumerate(cards, 1)]
    compare(database, histories, [dt.date(2024, 8, 15), LAST])


def test_most_plain_histories_need_no_replay(database: psycopg.Connection) -> None:
    """A card that earns, uses what it has, is warned and expires in time goes by sums."""
    story = [("earn", 0, 60), ("earn", 40, 30), ("use", 20, 20), ("warn", 110, 1), ("expire", 40, 1), ("earn", 1, 9)]
    steps = [Step(kind, days, points, 9) for kind, days, points in story]
    histories = [History(number, steps) for number in range(1, 5)]
    assert all(any(row[5] == "expire" for row in history.rows) for history in histories)
    assert compare(database, histories, [LAST]) == len(histories)


@pytest.mark.parametrize("points_taken", [20, 70])
def test_an_expiry_of_another_amount_than_was_left_is_replayed(database: psycopg.Connection, points_taken: int) -> None:
    """Of 60 points that fell due an expiry took 20, or 70 and thereby 10 of the next lot."""
    story = [("earn", 0, 60), ("earn", 150, 30), ("warn", 5, 1), ("expire", 40, points_taken % 60)]
    history = History(1, [Step(kind, days, points, points_taken // 70) for kind, days, points in story])
    assert [row[6] for row in history.rows if row[5] == "expire"] == [-points_taken]
    assert compare(database, [history], [LAST]) == 0
