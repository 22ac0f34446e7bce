"""What may still expire, against a simple model of lots in which uses take the oldest points first."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creamery.loyalty.amounts import Card, Deferral, Log, Lot, Standing, still_expiring

AMOUNTS = st.decimals(min_value="0.01", max_value=500, places=2)
DAY = dt.date(2026, 11, 19)


def lot(number: int, points: Decimal | int) -> Lot:
    return Lot(f"key {number}", f"lot {number}", DAY + dt.timedelta(days=number), Decimal(points))


def card(balance: Decimal | int, *lots: Lot, has_log: bool = True) -> Card:
    log = Log(count=3, last_id=7, issued=Decimal(900), used=Decimal(20)) if has_log else None
    return Card(1, 1, Decimal(balance), log, lots)


def now(balance: Decimal | int, issued: Decimal | int = 0, used: Decimal | int = 0, expired: int = 0) -> Standing:
    known = Log(count=3, last_id=7, issued=Decimal(900), used=Decimal(20))
    return Standing(Decimal(balance), Decimal(expired), known, Decimal(issued), Decimal(used))


@given(
    due=st.lists(AMOUNTS, min_size=1, max_size=4),
    live=st.lists(AMOUNTS, max_size=3),
    movements=st.lists(st.tuples(st.booleans(), AMOUNTS), max_size=6),
)
def test_what_is_left_of_the_due_lots_expires_to_the_point(
    due: list[Decimal], live: list[Decimal], movements: list[tuple[bool, Decimal]]
) -> None:
    """Lots in a list, oldest first; an earning adds one, a use takes from the front and never more than there is."""
    lots = [*due, *live]
    issued = used = Decimal(0)
    for is_earning, points in movements:
        if is_earning:
            lots.append(points)
            issued += points
        else:
            left = min(points, sum(lots, Decimal(0)))
            used += left
            for place, held in enumerate(lots):
                taken = min(held, left)
                lots[place], left = held - taken, left - taken
    planned = card(sum(due) + sum(live), *(lot(number, points) for number, points in enumerate(due)))
    points = still_expiring(planned, now(sum(lots, Decimal(0)), issued, used))
    assert points == {f"key {number}": left for number, left in enumerate(lots[: len(due)])}


@given(
    balance=st.decimals(-100, 1000, places=2),
    issued=AMOUNTS,
    used=AMOUNTS,
    expired=st.integers(0, 50),
    due=st.lists(AMOUNTS, min_size=1, max_size=4),
)
def test_no_expiry_makes_a_balance_negative_or_takes_more_than_planned(
    balance: Decimal, issued: Decimal, used: Decimal, expired: int, due: list[Decimal]
) -> None:
    planned = card(300, *(lot(number, points) for number, points in enumerate(due)))
    points = still_expiring(planned, now(balance, issued, used, expired))
    assert isinstance(points, dict)
    assert sum(points.values()) <= max(balance, Decimal(0))
    assert all(0 <= points[f"key {number}"] <= each for number, each in enumerate(due))


def test_a_use_hidden_by_an_earning_is_seen() -> None:
    """The balance is what it was: 60 points went and 60 came."""
    assert still_expiring(card(150, lot(1, 100)), now(150, issued=60, used=60)) == {"key 1": 40}


def test_a_balance_lowered_beside_the_log_is_a_use() -> None:
    assert still_expiring(card(150, lot(1, 100)), now(120)) == {"key 1": 70}


def test_a_balance_raised_beside_the_log_is_none() -> None:
    assert still_expiring(card(150, lot(1, 100)), now(180)) == {"key 1": 100}


def test_what_we_expired_since_is_no_use() -> None:
    assert still_expiring(card(150, lot(2, 50)), now(50, expired=100)) == {"key 2": 50}


def test_digits_of_double_precision_are_no_use() -> None:
    assert still_expiring(card("0.3", lot(1, "0.3")), now("0.30000000000000004")) == {"key 1": Decimal("0.3")}


@pytest.mark.parametrize(
    ("planned", "standing"),
    [
        pytest.param(
            card(150, lot(1, 100)),
            Standing(Decimal(50), log=Log(2, 7, Decimal(800), Decimal(20))),
            id="an order that earned points was cancelled",
        ),
        pytest.param(
            card(150, lot(1, 100)),
            Standing(Decimal(120), log=Log(3, 7, Decimal(900), Decimal(50))),
            id="a reward was added to an order that was confirmed before",
        ),
        pytest.param(card(150, lot(1, 100), has_log=False), Standing(Decimal(90)), id="no log, a fall"),
        pytest.param(card(150, lot(1, 100), has_log=False), Standing(Decimal(190)), id="no log, a rise"),
        pytest.param(card(150, lot(1, 100), has_log=False), now(150), id="upgraded from 17 to 18 since"),
    ],
)
def test_what_cannot_be_told_apart_waits_for_the_next_plan(planned: Card, standing: Standing) -> None:
    assert isinstance(still_expiring(planned, standing), Deferral)


def test_without_a_log_an_unchanged_balance_is_enough() -> None:
    planned = card(150, lot(1, 100), lot(2, 20), has_log=False)
    assert still_expiring(planned, Standing(Decimal(150))) == {"key 1": 100, "key 2": 20}
    assert still_expiring(planned, Standing(Decimal(130), expired_since=Decimal(20))) == {"key 1": 100, "key 2": 20}
