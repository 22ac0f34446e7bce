"""One list or tag, what people do to it in Odoo, and what has to hold whatever happens to the pushes."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from creamery.errors import PushError
from creamery.odoo import connect
from creamery.push.destinations.odoo_tags import OdooTags
from tests import nights
from tests.push.bench import AT_ONCE, Bench
from tests.push.fake_odoo import ADMIN_UID, API_UID, FakeOdoo, Fault
from tests.push.mortal import Killed, Life, mortal
from tests.push.mortal import connect as connect_mortal

NUMBERS = itertools.count()


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


class Story:
    """A mailing list."""

    def __init__(self, uri: str, odoo: FakeOdoo) -> None:
        self.uri, self.odoo = uri, odoo
        self.list_name = f"list_{next(NUMBERS)}"
        self.wanted: frozenset[str] = frozenset()
        self.taken_out: set[str] = set()
        self.unsubscribed: set[str] = set()
        self.blacklisted: set[str] = set()
        self.hired: dict[str, bool] = {}  # who became an internal user: whether on the list then
        self.added_by_hand: set[str] = set()

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
            bench = self.bench(Bench(connection, admin, self.odoo, mortal(client, life), self.list_name))
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

    def bench(self, bench: Bench) -> Bench:
        return bench

    def edit(self, edit: Edit) -> None:
        store, address = self.odoo.store, edit.address
        there = address in self.live() or address in self.unsubscribed
        if edit.what == "blacklist":
            store.as_user(ADMIN_UID, "create", "mail.blacklist", [{"email": address}])
            self.blacklisted.add(address)
        elif edit.what == "hire":
            self.hire(address)
        elif address in self.hired:
            return
        elif edit.what == "add" and not there and self.list_id():
            self.add(address)
        elif edit.what == "remove" and there:
            self.remove(address)
            self.added_by_hand.discard(address)
            self.taken_out.add(address)
            self.unsubscribed.discard(address)
        elif edit.what == "unsubscribe" and there:
            self.unsubscribe(address)

    def hire(self, address: str) -> None:
        """The contact becomes one of an internal user."""
        if contact := self.odoo.store.find("res.partner", email_normalized=address):
            self.hired.setdefault(address, address in self.live())
            self.odoo.store.as_user(ADMIN_UID, "write", "res.partner", [contact["id"]], {"partner_share": False})

    def add(self, address: str) -> None:
        list_id = self.list_id()
        assert list_id
        self.odoo.store.subscribe(address, list_id)
        self.added_by_hand.add(address)

    def remove(self, address: str) -> None:
        rows = [row["id"] for row in self.rows() if self.odoo.store.address(row) == address]
        self.odoo.store.as_user(ADMIN_UID, "unlink", self.odoo.store.subscription, rows)

    def unsubscribe(self, address: str) -> None:
        list_id = self.list_id()
        assert list_id
        self.odoo.store.opt_out(address, list_id)
        self.unsubscribed.add(address)

    def list_id(self) -> int | None:
        """By its external id: a run may die before it has noted the list."""
        known = self.odoo.store.external_ids.get(f"__creamery__.list_{self.list_name}")
        return known and known[1]

    def rows(self) -> list[dict[str, Any]]:
        list_id = self.list_id()
        return self.odoo.store.subscriptions(list_id) if list_id else []

    def live(self) -> dict[str, bool]:
        """Whoever is on the list and has not unsubscribed, and whether we put them there."""
        rows = [row for row in self.rows() if not row["opt_out"]]
        return {self.odoo.store.address(row): row["create_uid"] == API_UID for row in rows}

    def check_always(self) -> None:
        store = self.odoo.store
        addresses = [store.address(row) for row in self.rows()]
        assert len(addresses) == len(set(addresses)), "somebody is on the list twice"
        opted_out = {store.address(row) for row in self.rows() if row["opt_out"]}
        assert opted_out == self.unsubscribed, "a wish was forgotten"
        by_hand = {store.address(row) for row in self.rows() if row["create_uid"] == ADMIN_UID}
        assert self.added_by_hand <= by_hand, "somebody added by hand was removed"

    def check_at_rest(self) -> None:
        self.check_always()
        live = self.live()
        ours = {address for address, is_ours in live.items() if is_ours}
        kept_out = self.asked("select address from push.hand_removal where list_name = %s")
        stays = self.asked("select address from push.list_stay where list_name = %s and removed_at is null")
        fixed = self.fixed()
        unwelcome = self.blacklisted | self.hired.keys()
        assert ours - fixed <= self.wanted, "somebody is left who is not in the audience"
        assert not (ours - fixed) & unwelcome, "somebody suppressed is on the list"
        assert kept_out - self.unsubscribed <= self.taken_out, "somebody is kept out whom nobody took out"
        assert self.wanted - unwelcome - self.unsubscribed - kept_out <= live.keys(), "somebody was lost"
        assert live.keys() - ours <= self.added_by_hand, "what we did is taken for a person's"
        assert stays == ours, "the ledger differs from the list"

    def fixed(self) -> Iterable[str]:
        """Whom Odoo lets nobody take off."""
        return set()

    def asked(self, query: str) -> set[str]:
        with psycopg.connect(self.uri) as admin:
            addresses = [address for (address,) in admin.execute(query.encode(), (self.list_name,))]
        assert len(addresses) == len(set(addresses))
        return set(addresses)


class TagStory(Story):
    """A tag: nobody unsubscribes from one, and an internal user's cannot be changed."""

    def bench(self, bench: Bench) -> Bench:
        bench.destination = OdooTags(bench.client, bench.connection)
        return bench

    def add(self, address: str) -> None:
        """What we have noted before counts as ours: Odoo does not say who set a tag."""
        if (contact := self.write(address, 4)) and contact["id"] not in self.noted():
            self.added_by_hand.add(address)

    def remove(self, address: str) -> None:
        self.write(address, 3)

    def unsubscribe(self, address: str) -> None:
        pass

    def write(self, address: str, command: int) -> dict[str, Any] | None:
        contact = self.odoo.store.find("res.partner", email_normalized=address)
        if contact:
            change = {"category_id": [[command, self.list_id()]]}
            self.odoo.store.as_user(ADMIN_UID, "write", "res.partner", [contact["id"]], change)
        return contact

    def list_id(self) -> int | None:
        known = self.odoo.store.external_ids.get(f"__creamery__.tag_{self.list_name}")
        return known and known[1]

    def live(self) -> dict[str, bool]:
        tag, noted = self.list_id(), self.noted()
        contacts = self.odoo.store.records["res.partner"].values()
        tagged = [row for row in contacts if tag and tag in row.get("category_id", [])]
        return {row["email_normalized"]: row["id"] in noted for row in tagged}

    def noted(self) -> set[int]:
        query = "select partner_id from push.tagged_partner where list_name = %s"
        with psycopg.connect(self.uri) as admin:
            return {partner for (partner,) in admin.execute(query, (self.list_name,))}

    def check_always(self) -> None:
        live = self.live()
        assert self.added_by_hand <= live.keys(), "a tag set by hand was taken off"
        changed = {address for address, was_tagged in self.hired.items() if was_tagged != (address in live)}
        assert not changed, "an internal user's tag was changed"

    def fixed(self) -> Iterable[str]:
        return self.hired.keys()
