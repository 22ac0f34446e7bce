"""Mailing lists in Odoo, one per list of ours.

Contacts are made by external id, so that trying again makes no second one. They are put on the list by subscriptions of
their own, not through the contact's lists: an import sets these to what its row says, and would take the contact off
every other list. A subscription knows its author: what we did not make we do not remove. Nor one that is opted out:
Odoo would forget the wish with it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from creamery.odoo import OdooClient
from creamery.odoo.client import Condition, Row
from creamery.push import ledger
from creamery.push.member import DONE, Held, Member, Outcome

NAME = "odoo_lists"
EXTERNAL_IDS = "__creamery__"  # the module that ours are of
_SENT = ["pending", "sent", "open", "reply"]  # on its way, delivered, read, answered
_FIRST_WITH_TEST_TRACES = 19


@dataclass(frozen=True, slots=True)
class OdooLists:
    """A Destination (destinations/__init__.py). The ids of its lists are kept in the ledger behind `connection`."""

    client: OdooClient
    connection: psycopg.Connection
    name: str = NAME
    first_plan_needs_approval: bool = True
    is_source: bool = True
    _lists: dict[str, int] = field(default_factory=dict)

    def identity(self) -> str:
        return self.client.identity()

    def held(self, list_name: str) -> Iterator[Held]:
        list_id = self.list_id(list_name)
        if list_id is None:
            return
        subscriptions = list(
            self.client.search_read(self._model, [("list_id", "=", list_id)], ["contact_id", "opt_out", "create_uid"])
        )
        contact_ids = [row["contact_id"][0] for row in subscriptions]
        contacts = self.client.search_read_in("mailing.contact", "id", contact_ids, ["email_normalized"])
        addresses = {contact["id"]: contact["email_normalized"] for contact in contacts}
        yield from self._together(subscriptions, addresses).values()

    def add(self, list_name: str, batch: Sequence[Member]) -> Mapping[str, Outcome]:
        list_id = self.list_id(list_name) or self._make_list(list_name)
        contacts = self._contacts([member.address for member in batch])
        found = self._found(list_id, contacts)
        outcomes = {address: _already(held) for address, held in found.items()}
        missing = [member for member in batch if member.address not in found]
        # The oldest contact of an address; people make second ones.
        ids = {address: key for key, address in sorted(contacts.items(), reverse=True)}
        ids |= self._make_contacts([member for member in missing if member.address not in ids])
        if missing:
            subscriptions = [{"contact_id": ids[member.address], "list_id": list_id} for member in missing]
            self.client.call(self._model, "create", vals_list=subscriptions)
        return outcomes | {member.address: DONE for member in missing}

    def remove(self, list_name: str, batch: Sequence[str]) -> Mapping[str, Outcome]:
        if list_id := self.list_id(list_name):
            subscriptions = self._subscriptions(list_id, self._contacts(batch))
            if ours := [row["id"] for row in subscriptions if self._is_ours(row) and not row["opt_out"]]:
                self.client.call(self._model, "unlink", ours)
        return dict.fromkeys(batch, DONE)

    def find(self, list_name: str, addresses: Sequence[str]) -> Mapping[str, Held]:
        list_id = self.list_id(list_name)
        return self._found(list_id, self._contacts(addresses)) if list_id else {}

    def sent(self, list_name: str, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Address and moment of each message that a mailing to the list has sent since."""
        list_id = self.list_id(list_name)
        mailings = self.client.search_read("mailing.mailing", [("contact_list_ids", "in", [list_id])], ["state"])
        if not list_id or not (ids := [row["id"] for row in mailings if row["state"] in ("sending", "done")]):
            return
        conditions: list[Condition] = [
            ("trace_status", "in", _SENT),
            ("sent_datetime", ">=", since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")),
        ]
        if self.client.series >= _FIRST_WITH_TEST_TRACES:
            conditions.append(("is_test_trace", "=", False))
        for row in self.client.search_read_in(
            "mailing.trace", "mass_mailing_id", ids, ["email", "sent_datetime"], conditions
        ):
            if row["email"]:
                yield row["email"], datetime.fromisoformat(row["sent_datetime"]).replace(tzinfo=UTC)

    @property
    def _model(self) -> str:
        return subscription_model(self.client)

    def list_id(self, list_name: str) -> int | None:
        """Of the mailing list, where there is one; a person may have deleted it."""
        if list_name not in self._lists:
            noted = ledger.remote_id(self.connection, self.name, list_name)
            found = noted and list(
                self.client.search_read("mailing.list", [("id", "=", noted)], ["name"], with_archived=True)
            )
            if noted and found:
                self._lists[list_name] = noted
        return self._lists.get(list_name)

    def _make_list(self, list_name: str) -> int:
        row = self.connection.execute(
            "select title from audiences.list_definition where list_name = %s", (list_name,)
        ).fetchone()
        title = row[0] if row and row[0] else list_name
        (list_id,) = self.client.load(
            "mailing.list", ("id", "name", "is_public"), [(f"{EXTERNAL_IDS}.list_{list_name}", title, "0")]
        )
        ledger.note_remote_id(self.connection, self.name, list_name, list_id)
        self._lists[list_name] = list_id
        return list_id

    def _contacts(self, addresses: Sequence[str]) -> dict[int, str]:
        """Address by id of the contacts who have one of them."""
        rows = self.client.search_read_in("mailing.contact", "email_normalized", addresses, ["email_normalized"])
        return {row["id"]: row["email_normalized"] for row in rows}

    def _make_contacts(self, members: Sequence[Member]) -> dict[str, int]:
        if not members:
            return {}
        rows = [(_external_id(member.address), member.name or "", member.address) for member in members]
        ids = self.client.load("mailing.contact", ("id", "name", "email"), rows)
        return {member.address: key for member, key in zip(members, ids, strict=True)}

    def _subscriptions(self, list_id: int, contacts: Mapping[int, str]) -> list[Row]:
        fields = ["contact_id", "opt_out", "create_uid"]
        return list(
            self.client.search_read_in(self._model, "contact_id", list(contacts), fields, [("list_id", "=", list_id)])
        )

    def _found(self, list_id: int, contacts: Mapping[int, str]) -> dict[str, Held]:
        return self._together(self._subscriptions(list_id, contacts), contacts)

    def _together(self, subscriptions: Iterable[Row], addresses: Mapping[int, str]) -> dict[str, Held]:
        """By address: several contacts may share one. Opted out once is opted out."""
        by_address: dict[str, list[Row]] = defaultdict(list)
        for row in subscriptions:
            if address := addresses.get(row["contact_id"][0]):
                by_address[address].append(row)
        return {
            address: Held(address, any(map(self._is_ours, rows)), any(row["opt_out"] for row in rows))
            for address, rows in by_address.items()
        }

    def _is_ours(self, subscription: Row) -> bool:
        author = subscription["create_uid"]
        return bool(author) and author[0] == self.client.uid


def subscription_model(client: OdooClient) -> str:
    return "mailing.contact.subscription" if client.series == 16 else "mailing.subscription"


def _already(held: Held) -> Outcome:
    if held.is_opted_out:
        return Outcome(rejected_because="unsubscribed from the list")
    return DONE if held.is_ours else Outcome(is_by_hand=True)


def _external_id(address: str) -> str:
    return f"{EXTERNAL_IDS}.contact_{hashlib.sha256(address.encode()).hexdigest()[:32]}"
