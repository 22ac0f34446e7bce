"""Tags on contacts in Odoo, one per segment that campaigns/odoo.yaml names.

Odoo does not note who set a tag. So what we set is noted in push.tagged_partner before it is set, and only that is ours
to take off. Contacts with an internal user are left alone: Odoo refuses a whole call that has one among its contacts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from creamery.odoo import OdooClient
from creamery.odoo.client import Condition, Row
from creamery.push import ledger
from creamery.push.destinations.odoo_lists import EXTERNAL_IDS
from creamery.push.member import DONE, Held, Member, Outcome

NAME = "odoo_tags"
_FIELDS = ["email_normalized", "partner_share", "category_id"]
_LINK, _UNLINK = 4, 3  # Odoo's commands for one of many records
_ANOTHER_ADDRESS = "the contact has another address by now"
_NO_ADDRESS = "partner "  # before the id, in place of the address of a contact that has none any more


@dataclass(frozen=True, slots=True)
class OdooTags:
    """A Destination (destinations/__init__.py). What it has set is noted behind `connection`."""

    client: OdooClient
    connection: psycopg.Connection
    name: str = NAME
    first_plan_needs_approval: bool = True
    is_source: bool = True
    _tags: dict[str, int] = field(default_factory=dict)

    def identity(self) -> str:
        return self.client.identity()

    def held(self, list_name: str) -> Iterator[Held]:
        tagged = self._tagged(list_name)
        self._forget_all_but(list_name, [row["id"] for row in tagged])
        yield from self._together(list_name, tagged).values()

    def add(self, list_name: str, batch: Sequence[Member]) -> Mapping[str, Outcome]:
        tag = self._tag(list_name) or self._make_tag(list_name)
        ids = [member.partner_id for member in batch if member.partner_id is not None]
        partners = {row["id"]: row for row in self._partners("id", ids)}
        ours = self._ours(list_name, ids)
        outcomes, missing = {}, []
        for member in batch:
            partner = partners.get(member.partner_id or 0)
            if partner is None or _address(partner) != member.address:
                outcomes[member.address] = Outcome(rejected_because=_ANOTHER_ADDRESS)
            elif tag in partner["category_id"]:
                outcomes[member.address] = DONE if partner["id"] in ours else Outcome(is_by_hand=True)
            elif not partner["partner_share"]:
                outcomes[member.address] = Outcome(rejected_because="internal user")
            else:
                outcomes[member.address] = DONE
                missing.append(partner["id"])
        if missing:
            self._note(list_name, missing)
            self._write(missing, _LINK, tag)
        return outcomes

    def remove(self, list_name: str, batch: Sequence[str]) -> Mapping[str, Outcome]:
        tagged = self._tagged_at(list_name, batch)
        ours = self._ours(list_name, [row["id"] for row in tagged])
        rows = [row for row in tagged if row["id"] in ours]
        if ids := [row["id"] for row in rows if row["partner_share"]]:
            self._write(ids, _UNLINK, self._tags[list_name])
            self._forget(list_name, ids)
        refused = Outcome(rejected_because="internal user by now: take the tag off by hand")
        kept = {_address(row): refused for row in rows if not row["partner_share"]}
        return dict.fromkeys(batch, DONE) | kept

    def find(self, list_name: str, addresses: Sequence[str]) -> Mapping[str, Held]:
        return self._together(list_name, self._tagged_at(list_name, addresses))

    def sent(self, list_name: str, since: datetime) -> Iterator[tuple[str, datetime]]:
        yield from ()  # a tag is no message

    def _tag(self, list_name: str) -> int | None:
        """Id of the tag, where there is one; a person may have deleted it."""
        if list_name not in self._tags:
            noted = ledger.remote_id(self.connection, self.name, list_name)
            if noted and any(
                self.client.search_read("res.partner.category", [("id", "=", noted)], ["name"], with_archived=True)
            ):
                self._tags[list_name] = noted
        return self._tags.get(list_name)

    def _make_tag(self, list_name: str) -> int:
        row = self.connection.execute(
            "select title from audiences.list_definition where list_name = %s", (list_name,)
        ).fetchone()
        title = row[0] if row and row[0] else list_name.removeprefix("segment_")
        (tag,) = self.client.load(
            "res.partner.category", ("id", "name"), [(f"{EXTERNAL_IDS}.tag_{list_name}", f"Creamery: {title}")]
        )
        ledger.note_remote_id(self.connection, self.name, list_name, tag)
        self._tags[list_name] = tag
        return tag

    def _tagged(self, list_name: str) -> list[Row]:
        tag = self._tag(list_name)
        if tag is None:
            return []
        return list(self.client.search_read("res.partner", [("category_id", "in", [tag])], _FIELDS, with_archived=True))

    def _tagged_at(self, list_name: str, addresses: Sequence[str]) -> list[Row]:
        """Those tagged who have one of these addresses."""
        tag = self._tag(list_name)
        if tag is None:
            return []
        with_tag: list[Condition] = [("category_id", "in", [tag])]
        ids = [int(each.removeprefix(_NO_ADDRESS)) for each in addresses if each.startswith(_NO_ADDRESS)]
        without_address = [row for row in self._partners("id", ids, with_tag) if not row["email_normalized"]]
        return [*self._partners("email_normalized", addresses, with_tag), *without_address]

    def _partners(self, field: str, values: Sequence[Any], domain: Sequence[Condition] = ()) -> Iterator[Row]:
        return self.client.search_read_in("res.partner", field, values, _FIELDS, domain, with_archived=True)

    def _together(self, list_name: str, tagged: Sequence[Row]) -> dict[str, Held]:
        """By address: several contacts may share one."""
        ours = self._ours(list_name, [row["id"] for row in tagged])
        by_address: dict[str, list[bool]] = defaultdict(list)
        for row in tagged:
            by_address[_address(row)].append(row["id"] in ours)
        return {address: Held(address, any(are_ours)) for address, are_ours in by_address.items()}

    def _write(self, partner_ids: Sequence[int], command: int, tag: int) -> None:
        self.client.call("res.partner", "write", list(partner_ids), vals={"category_id": [[command, tag]]})

    def _ours(self, list_name: str, partner_ids: Sequence[int]) -> set[int]:
        """Those of the contacts whose tag we have set."""
        rows = self.connection.execute(
            "select partner_id from push.tagged_partner where list_name = %s and partner_id = any(%s)",
            (list_name, list(partner_ids)),
        ).fetchall()
        return {partner_id for (partner_id,) in rows}

    def _note(self, list_name: str, partner_ids: Sequence[int]) -> None:
        self.connection.execute(
            "insert into push.tagged_partner (list_name, partner_id) select %s, unnest(%s::integer[])"
            " on conflict do nothing",
            (list_name, list(partner_ids)),
        )

    def _forget(self, list_name: str, partner_ids: Sequence[int]) -> None:
        self.connection.execute(
            "delete from push.tagged_partner where list_name = %s and partner_id = any(%s)",
            (list_name, list(partner_ids)),
        )

    def _forget_all_but(self, list_name: str, tagged: Sequence[int]) -> None:
        """Whom a person took the tag off: set again by hand, it is not ours."""
        self.connection.execute(
            "delete from push.tagged_partner where list_name = %s and partner_id <> all(%s)",
            (list_name, list(tagged)),
        )


def _address(partner: Row) -> str:
    return str(partner["email_normalized"] or f"{_NO_ADDRESS}{partner['id']}")
