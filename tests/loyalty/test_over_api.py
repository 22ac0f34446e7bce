"""Expiry over Odoo's external API, against the fake Odoo: what comes in between is found and put right."""

import random
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from creamery.errors import UnknownOutcomeError
from creamery.loyalty.over_api import OdooCardsOverApi
from creamery.odoo import OdooClient, Pace, connect
from tests.loyalty import fake_cards, worlds
from tests.loyalty.worlds import CARDS, World
from tests.push.fake_odoo import FakeOdoo
from tests.push.fake_odoo.faults import Fault

AT_ONCE = Pace(calls_per_second=1e6, attempts=1, first_pause_seconds=0, sleep=lambda seconds: None)
ADMIN_UID, CARD, DUE = 2, CARDS[0], 100


@pytest.fixture
def odoo(world: World) -> Iterator[FakeOdoo]:
    """With the world's first cards, as its warehouse knows them."""
    with FakeOdoo(19) as server:
        fake_cards.fill(server, world)
        yield server


@pytest.fixture
def client(odoo: FakeOdoo) -> Iterator[OdooClient]:
    with connect(odoo.login, AT_ONCE) as opened:
        yield opened


def order(odoo: FakeOdoo, used: float = 0, issued: float = 0) -> None:
    """What Odoo does when an order uses and earns points."""
    card = odoo.store.records["loyalty.card"][CARD]
    entry = {"description": "Order", "used": used, "issued": issued}
    vals = {"points": card["points"] - used + issued, "history_ids": [[0, 0, entry]]}
    odoo.store.as_user(ADMIN_UID, "write", "loyalty.card", [CARD], vals)


def before_writes(odoo: FakeOdoo, *moves: Callable[[], None]) -> None:
    """The moves happen after the card was read and before it is written, one before each write."""
    waiting = list(moves)

    def plan(model: str, method: str) -> Fault:
        if (model, method) == ("loyalty.card", "write") and waiting:
            waiting.pop(0)()
        return Fault.NONE

    odoo.plan_fault = plan


def expire(world: World, client: OdooClient) -> None:
    worlds.write(world, worlds.make_plan(world).plan_id, over=OdooCardsOverApi(client))


def points(odoo: FakeOdoo) -> float:
    return float(odoo.store.records["loyalty.card"][CARD]["points"])


def logged(odoo: FakeOdoo) -> list[tuple[str, float, float]]:
    rows = [row for row in odoo.store.records["loyalty.history"].values() if row["card_id"] == CARD]
    return [(row["description"], row["issued"], row["used"]) for row in sorted(rows, key=lambda row: int(row["id"]))]


def assert_balance_is_the_logs(odoo: FakeOdoo) -> None:
    assert points(odoo) == sum(issued - used for _, issued, used in logged(odoo))


def test_balance_and_entry_are_one_call_and_happen_once(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    first, second = worlds.due(world, CARD, 30, 20)
    for _ in range(2):
        expire(world, client)
        assert points(odoo) == 150
        assert logged(odoo)[2:] == [(first, 0, 30), (second, 0, 20)]
        assert odoo.writes() == [("loyalty.card", "write")]
    assert worlds.states(world, [first, second]) == {first: ("done", 30), second: ("done", 20)}


def test_a_use_between_reading_and_writing_is_compensated(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    before_writes(odoo, lambda: order(odoo, used=40))
    expire(world, client)
    assert points(odoo) == 200 - 40 - 60
    assert_balance_is_the_logs(odoo)
    assert worlds.states(world, [key]) == {key: ("done", 60)}


def test_an_earning_in_between_is_not_lost(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    before_writes(odoo, lambda: order(odoo, issued=15))
    expire(world, client)
    assert points(odoo) == 200 + 15 - DUE
    assert worlds.states(world, [key]) == {key: ("done", DUE)}


def test_a_lot_that_was_used_up_in_between_does_not_expire(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    before_writes(odoo, lambda: order(odoo, used=120))
    expire(world, client)
    assert points(odoo) == 80
    assert worlds.states(world, [key]) == {key: ("compensated", DUE)}


def test_a_use_while_we_compensate_is_compensated_too(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    older, newer = worlds.due(world, CARD, 30, 70)
    before_writes(odoo, lambda: order(odoo, used=40), lambda: order(odoo, used=10, issued=5))
    expire(world, client)
    assert points(odoo) == 200 - 50 + 5 - 50
    assert_balance_is_the_logs(odoo)
    assert worlds.states(world, [older, newer]) == {older: ("compensated", 30), newer: ("done", 50)}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_in_between_no_point_is_lost(
    world: World, odoo: FakeOdoo, client: OdooClient, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    moves = [(chance.randint(0, 30), chance.randint(0, 20)) for _ in range(chance.randint(1, 4))]
    keys = worlds.due(world, CARD, 40, DUE - 40)
    before_writes(odoo, *(lambda used=used, issued=issued: order(odoo, used, issued) for used, issued in moves))
    expire(world, client)
    used = sum(used for used, _ in moves)
    assert points(odoo) == 200 - used + sum(issued for _, issued in moves) - max(DUE - used, 0)
    assert_balance_is_the_logs(odoo)
    taken = [each for state, each in worlds.states(world, keys).values() if state == "done"]
    assert sum(taken, Decimal(0)) == max(DUE - used, 0)


def test_a_lost_answer_is_read_back(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    odoo.plan_fault = lambda model, method: Fault.LOST_RESPONSE if method == "write" else Fault.NONE
    expire(world, client)
    assert points(odoo) == 100
    assert worlds.states(world, [key]) == {key: ("done", DUE)}


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.SERVER_ERROR])
def test_a_call_that_broke_is_made_again_by_the_next_run(
    world: World, odoo: FakeOdoo, client: OdooClient, fault: Fault
) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    planned = worlds.make_plan(world)
    odoo.plan_fault = lambda model, method: fault if method == "write" else Fault.NONE
    with pytest.raises(UnknownOutcomeError):
        worlds.write(world, planned.plan_id, over=OdooCardsOverApi(client))
    assert worlds.states(world, [key]) == {key: ("sending", DUE)}
    odoo.plan_fault = lambda model, method: Fault.NONE
    worlds.write(world, planned.plan_id, over=OdooCardsOverApi(client))
    assert points(odoo) == 100
    assert worlds.states(world, [key]) == {key: ("done", DUE)}


def test_what_was_used_since_the_extraction_does_not_expire(world: World, odoo: FakeOdoo, client: OdooClient) -> None:
    (key,) = worlds.due(world, CARD, DUE)
    order(odoo, used=70)
    expire(world, client)
    assert points(odoo) == 100
    assert worlds.states(world, [key]) == {key: ("done", 30)}


def test_where_odoo_expires_points_itself_or_keeps_no_log_we_only_report(odoo: FakeOdoo, client: OdooClient) -> None:
    keeper = OdooCardsOverApi(client)
    odoo.store.fields["loyalty.history"] |= {"issued", "used", "description"}
    assert keeper.why_only_reporting() is None
    odoo.store.fields["loyalty.program"].add("expire_after")
    assert "loyalty.program.expire_after" in str(keeper.why_only_reporting())
    with FakeOdoo(17) as older, connect(older.login, AT_ONCE) as opened:
        assert "Odoo 17 keeps no log" in str(OdooCardsOverApi(opened).why_only_reporting())
