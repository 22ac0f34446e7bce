"""An award that is cut off at any statement, on either side, and run again: it is given once."""

from dataclasses import replace

import psycopg
import pytest

from creamery.errors import CreameryError
from tests.loyalty import clubs
from tests.loyalty.cutting_proxy import CuttingProxy, When
from tests.loyalty.worlds import ACCOUNTS, World


def due(world: World, account: int) -> list[str]:
    """Points of an order and of signing up, and with them a tier."""
    return [clubs.due(world, account, "order", 70, source_id=account), clubs.due(world, account, "signup", 30, limit=1)]


def assert_given_once(world: World, account: int, keys: list[str], told: str) -> None:
    assert clubs.account_of(world, account) == (400, 400, "Silver", 600), told
    assert sorted(entry[4] for entry in clubs.given(world, account)) == sorted(keys), told
    assert {clubs.states(world)[key] for key in keys} == {("done", None)}, told


@pytest.mark.parametrize("when", list(When))
def test_a_connection_that_breaks_is_opened_again(club: World, when: When) -> None:
    for case, account in enumerate(ACCOUNTS):
        keys = due(club, account)
        planned = clubs.make_plan(club)
        with CuttingProxy(club.writer, case + 1, when, stays_down=False) as proxy:
            clubs.write(replace(club, writer=proxy.dsn), planned.plan_id)
        assert_given_once(club, account, keys, f"cut {when}: {case + 1}")
        if not proxy.has_cut:
            break
    assert not proxy.has_cut
    assert case >= 12, "a transaction has at least as many statements"


@pytest.mark.parametrize("side", ["writer", "pipeline"])
@pytest.mark.parametrize("when", list(When))
def test_a_run_that_dies_is_finished_by_the_next(club: World, side: str, when: When) -> None:
    for case, account in enumerate(ACCOUNTS):
        keys = due(club, account)
        planned = clubs.make_plan(club)
        with CuttingProxy(getattr(club, side), case + 1, when, stays_down=True) as proxy:
            dying = replace(club, **{side: proxy.dsn})
            try:
                clubs.write(dying, planned.plan_id)
            except (CreameryError, psycopg.OperationalError):
                assert proxy.has_cut
        clubs.write(club, planned.plan_id)
        assert_given_once(club, account, keys, f"{side} died {when}: {case + 1}")
        if not proxy.has_cut:
            break
    assert not proxy.has_cut, "there are more statements than accounts: give the world more"
    assert case >= 10, "a run has at least as many statements"


def test_a_run_that_died_and_was_planned_anew_gives_once(club: World) -> None:
    """The next night's plan is made before anybody looked at what the dead run left."""
    account = ACCOUNTS[0]
    keys = due(club, account)
    planned = clubs.make_plan(club)
    with CuttingProxy(club.writer, b"COMMIT", When.UNANSWERED, stays_down=True) as proxy, pytest.raises(CreameryError):
        clubs.write(replace(club, writer=proxy.dsn), planned.plan_id)
    assert {state for state, _ in clubs.states(club).values()} == {"sending"}
    assert clubs.account_of(club, account)[0] == 400, "the statement that was cut is the commit"
    anew = clubs.make_plan(club)
    assert anew.award_count == 0
    clubs.write(club, anew.plan_id)
    assert_given_once(club, account, keys, "planned anew")
