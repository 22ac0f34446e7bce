"""An expiry that is cut off at any statement, on either side, and run again: it happens once."""

from dataclasses import replace

import psycopg
import pytest

from creamery.errors import CreameryError
from creamery.loyalty.keeper import SourceKind
from tests.loyalty import worlds
from tests.loyalty.cutting_proxy import CuttingProxy, When
from tests.loyalty.worlds import ACCOUNTS, CARDS, World

DUE = (30, 20)


def due(world: World, kind: SourceKind, case: int) -> tuple[int, list[str]]:
    """A card of the case's own, or an account, with two lots that are due."""
    if kind == SourceKind.ODOO:
        return CARDS[case], worlds.due(world, CARDS[case], *DUE)
    return ACCOUNTS[case], worlds.due(world, ACCOUNTS[case], *DUE, kind="addon", program=5)


def assert_expired_once(world: World, kind: SourceKind, card: int, keys: list[str], told: str) -> None:
    if kind == SourceKind.ODOO:
        left = worlds.balance(world, card)
        logged = worlds.rows(
            world.odoo, "select description from loyalty_history where card_id = %s and used > 0 order by id", card
        )
        assert (left, [key for (key,) in logged]) == (200 - sum(DUE), keys), told
    else:
        account = worlds.rows(
            world.odoo, "select points_balance, points_expired from operational.customer_loyalty where id = %s", card
        )
        assert account == [(300 - sum(DUE), sum(DUE))], told
    assert worlds.states(world, keys) == {key: ("done", points) for key, points in zip(keys, DUE, strict=True)}, told


@pytest.mark.parametrize("kind", list(SourceKind))
@pytest.mark.parametrize("when", list(When))
def test_a_connection_that_breaks_is_opened_again(world: World, kind: SourceKind, when: When) -> None:
    for case in range(len(CARDS)):
        card, keys = due(world, kind, case)
        planned = worlds.make_plan(world, kind)
        with CuttingProxy(world.writer, case + 1, when, stays_down=False) as proxy:
            worlds.write(replace(world, writer=proxy.dsn), planned.plan_id, kind)
        assert_expired_once(world, kind, card, keys, f"cut {when}: {case + 1}")
        if not proxy.has_cut:
            break
    assert not proxy.has_cut
    assert case >= 9, "a transaction has at least as many statements"


@pytest.mark.parametrize(
    ("side", "kind"),
    # The warehouse's side does not know whose points they are.
    [("odoo", SourceKind.ODOO), ("odoo", SourceKind.ADDON), ("warehouse", SourceKind.ODOO)],
)
@pytest.mark.parametrize("when", list(When))
def test_a_run_that_dies_is_finished_by_the_next(world: World, side: str, kind: SourceKind, when: When) -> None:
    for case in range(len(CARDS)):
        card, keys = due(world, kind, case)
        planned = worlds.make_plan(world, kind)
        target = world.writer if side == "odoo" else world.pipeline
        with CuttingProxy(target, case + 1, when, stays_down=True) as proxy:
            dying = replace(world, **{"writer" if side == "odoo" else "pipeline": proxy.dsn})
            try:
                worlds.write(dying, planned.plan_id, kind)
            except (CreameryError, psycopg.OperationalError):
                assert proxy.has_cut
        worlds.write(world, planned.plan_id, kind)
        assert_expired_once(world, kind, card, keys, f"{side} died {when}: {case + 1}")
        if not proxy.has_cut:
            break
    assert not proxy.has_cut, "there are more statements than cards: give the world more"
    assert case >= 9, "a run has at least as many statements"


def test_a_run_that_died_and_was_planned_anew_expires_once(world: World) -> None:
    """The next night's plan is made before anybody looked at what the dead run left."""
    card, keys = due(world, SourceKind.ODOO, 0)
    planned = worlds.make_plan(world)
    with CuttingProxy(world.writer, b"COMMIT", When.UNANSWERED, stays_down=True) as proxy, pytest.raises(CreameryError):
        worlds.write(replace(world, writer=proxy.dsn), planned.plan_id)
    assert set(worlds.states(world, keys).values()) == {("sending", 30), ("sending", 20)}
    assert worlds.balance(world, card) == 200 - sum(DUE), "the statement that was cut is the commit"
    anew = worlds.make_plan(world)
    assert anew.lot_count == 0
    worlds.write(world, anew.plan_id)
    assert_expired_once(world, SourceKind.ODOO, card, keys, "planned anew")
