"""Whatever happens on the way, the list ends equal to the plan: nobody twice, nobody lost, nobody suppressed.

Random sequences of audiences, pushes, kills, lost answers and edits by people, while a push runs and between pushes;
then one push in peace. And one push killed at each of its steps.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creamery.errors import PushError
from creamery.odoo import connect
from tests import nights
from tests.push.bench import AT_ONCE, Bench
from tests.push.fake_odoo import ADMIN_UID, API_UID, FakeOdoo, Fault
from tests.push.mortal import Killed, Life, mortal
from tests.push.mortal import connect as connect_mortal

NUMBERS = itertools.count()
PEOPLE = [f"c{number}@example.com" for number in range(7)]


@dataclass(frozen=True)
class Edit:
    """What somebody does in Odoo."""

    what: str
    address: str


@dataclass(frozen=True)
class Push:
    """A push, with what happens to its calls, by their number."""

    dies_at: int | None = None
    dies_before: bool = True
    faults: dict[int, Fault] = field(default_factory=dict)
    edits: dict[int, Edit] = field(default_factory=dict)


EDITS = st.builds(Edit, st.sampled_from(["add", "remove", "unsubscribe", "blacklist"]), st.sampled_from(PEOPLE))
CALLS = st.integers(0, 30)
FAULTS = st.sampled_from([fault for fault in Fault if fault not in (Fault.NONE, Fault.SLOW)])
PUSHES = st.builds(
    Push,
    dies_at=st.none() | st.integers(1, 70),
    dies_before=st.booleans(),
    faults=st.dictionaries(CALLS, FAULTS, max_size=3),
    edits=st.dictionaries(CALLS, EDITS, max_size=2),
)
AUDIENCES = st.sets(st.sampled_from(PEOPLE)).map(frozenset)
STEPS = st.lists(st.one_of(PUSHES, PUSHES, AUDIENCES, EDITS), min_size=2, max_size=9)


class Story:
    """One list, and what people did to it."""

    def __init__(self, uri: str, odoo: FakeOdoo) -> None:
        self.uri, self.odoo = uri, odoo
        self.list_name = f"list_{next(NUMBERS)}"
        self.wanted: frozenset[str] = frozenset()
        self.taken_out: set[str] = set()
        self.unsubscribed: set[str] = set()
        self.blacklisted: set[str] = set()
        self.added_by_hand: set[int] = set()

    def run(self, push: Push) -> int:
        """Number of steps it lived through. PushError and Killed are part of the story."""
        life = Life(push.dies_at, push.dies_before)
        calls = itertools.count()

        def happen(_: str, __: str) -> Fault:
            number = next(calls)
            if number in push.edits:
                self.edit(push.edits[number])
            return push.faults.get(number, Fault.NONE)

        with connect(self.odoo.login, AT_ONCE) as client, psycopg.connect(self.uri) as admin:
            connection = connect_mortal(nights.as_login(self.uri, "creamery_pipeline"), life)
            bench = Bench(connection, admin, self.odoo, mortal(client, life), self.list_name)
            bench.audience(self.wanted)
            self.odoo.plan_fault = happen
            try:
                bench.push()
            except (Killed, PushError):
                if not (push.dies_at or push.faults or push.edits):
                    raise
            finally:
                self.odoo.plan_fault = lambda model, method: Fault.NONE
                connection.close()
        self.check_always()
        return life.steps

    def edit(self, edit: Edit) -> None:
        store, address = self.odoo.store, edit.address
        rows = [row for row in self.rows() if store.address(row) == address]
        if edit.what == "blacklist":
            store.as_user(ADMIN_UID, "create", "mail.blacklist", [{"email": address}])
            self.blacklisted.add(address)
        elif edit.what == "add" and not rows and (list_id := self.list_id()):
            self.added_by_hand.add(store.subscribe(address, list_id))
        elif edit.what == "remove" and rows:
            store.as_user(ADMIN_UID, "unlink", store.subscription, [row["id"] for row in rows])
            self.added_by_hand -= {row["id"] for row in rows}
            self.taken_out.add(address)
            self.unsubscribed.discard(address)
        elif edit.what == "unsubscribe" and rows:
            store.as_user(ADMIN_UID, "write", store.subscription, [row["id"] for row in rows], {"opt_out": True})
            self.unsubscribed.add(address)

    def list_id(self) -> int | None:
        """By its external id: a run may die before it has noted the list."""
        known = self.odoo.store.external_ids.get(f"__creamery__.list_{self.list_name}")
        return known and known[1]

    def rows(self) -> list[dict[str, object]]:
        list_id = self.list_id()
        return self.odoo.store.subscriptions(list_id) if list_id else []

    def check_always(self) -> None:
        store = self.odoo.store
        addresses = [store.address(row) for row in self.rows()]
        assert len(addresses) == len(set(addresses)), "somebody is on the list twice"
        opted_out = {store.address(row) for row in self.rows() if row["opt_out"]}
        assert opted_out == self.unsubscribed, "a wish was forgotten"
        assert self.added_by_hand <= {row["id"] for row in self.rows()}, "somebody added by hand was removed"

    def check_at_rest(self) -> None:
        self.check_always()
        store = self.odoo.store
        live = {store.address(row): row["create_uid"] for row in self.rows() if not row["opt_out"]}
        ours = {address for address, author in live.items() if author == API_UID}
        with psycopg.connect(self.uri) as admin:
            kept_out = {
                address
                for (address,) in admin.execute(
                    "select address from push.hand_removal where list_name = %s", (self.list_name,)
                )
            }
            stays = [
                address
                for (address,) in admin.execute(
                    "select address from push.list_stay where list_name = %s and removed_at is null", (self.list_name,)
                )
            ]
        assert ours <= self.wanted, "somebody is left who is not in the audience"
        assert not ours & self.blacklisted, "somebody suppressed is on the list"
        assert kept_out - self.unsubscribed <= self.taken_out, "somebody is kept out whom nobody took out"
        assert self.wanted - self.blacklisted - self.unsubscribed - kept_out <= live.keys(), "somebody was lost"
        assert sorted(stays) == sorted(ours), "the ledger differs from the list"


@pytest.fixture(scope="module")
def uri(push_template: str, new_database: Callable[..., str]) -> str:
    return new_database("push_properties", template=push_template)


@settings(max_examples=20)
@given(first=AUDIENCES, steps=STEPS)
def test_the_list_ends_equal_to_the_plan(uri: str, first: frozenset[str], steps: list[object]) -> None:
    with FakeOdoo(19) as odoo:
        story = Story(uri, odoo)
        story.wanted = first
        for step in steps:
            if isinstance(step, Push):
                story.run(step)
            elif isinstance(step, Edit):
                story.edit(step)
            else:
                assert isinstance(step, frozenset)
                story.wanted = step
        story.run(Push())
        story.check_at_rest()


@pytest.mark.slow
def test_a_push_killed_at_any_step_is_finished_by_the_next(uri: str) -> None:
    """Before and after every statement and call of a push that adds, keeps and removes."""
    for last in itertools.count(1):
        lived = [_killed_and_finished(uri, Push(dies_at=last, dies_before=before)) for before in (True, False)]
        if max(lived) < last:
            break
    assert last > 30


def _killed_and_finished(uri: str, push: Push) -> int:
    """Number of steps that the push lived through."""
    with FakeOdoo(19) as odoo:
        story = Story(uri, odoo)
        story.wanted = frozenset(PEOPLE[:2])
        story.run(Push())
        story.wanted = frozenset(PEOPLE[1:3])
        lived = story.run(push)
        story.run(Push())
        story.check_at_rest()
    return lived
