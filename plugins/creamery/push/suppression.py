"""Who must not be written to by now, asked of Odoo right before a push. It only ever takes away from the audience."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from creamery.odoo import OdooClient
from creamery.odoo.client import Row
from creamery.push.apply import LiveSuppression
from creamery.push.destinations.odoo_lists import OdooLists, subscription_model
from creamery.push.member import Member

_MAX_BOUNCES = 3  # as in the model suppression


@dataclass(frozen=True, slots=True)
class OdooSuppression:
    """Blacklist, opt-outs, archived and internal contacts, bounces. `known_at`: the moment that the audience knows."""

    client: OdooClient
    lists: OdooLists
    known_at: datetime

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        addresses = [member.address for member in members]
        opted_out = self._opt_outs(list_name, addresses)
        return {**opted_out, **self._of_contacts(members), **dict.fromkeys(self._blacklisted(addresses), "blacklisted")}

    def _blacklisted(self, addresses: Sequence[str]) -> list[str]:
        return [row["email"] for row in self.client.search_read_in("mail.blacklist", "email", addresses, ["email"])]

    def _of_contacts(self, members: Sequence[Member]) -> dict[str, str]:
        fields = ["email_normalized", "active", "partner_share", "message_bounce"]
        holders: dict[str, dict[int, Row]] = defaultdict(dict)
        addresses = [member.address for member in members]
        for row in self.client.search_read_in("res.partner", "email_normalized", addresses, fields, with_archived=True):
            holders[row["email_normalized"]][row["id"]] = row
        found = {member.address: _reason_of(member, holders[member.address]) for member in members}
        return {address: reason for address, reason in found.items() if reason}

    def _opt_outs(self, list_name: str, addresses: Sequence[str]) -> dict[str, str]:
        contacts = self.client.search_read_in("mailing.contact", "email_normalized", addresses, ["email_normalized"])
        by_id = {row["id"]: row["email_normalized"] for row in contacts}
        moment = "unsubscription_date" if self.client.series == 16 else "opt_out_datetime"
        subscriptions: dict[str, list[Row]] = defaultdict(list)
        for row in self.client.search_read_in(
            subscription_model(self.client), "contact_id", list(by_id), ["contact_id", "list_id", "opt_out", moment]
        ):
            subscriptions[by_id[row["contact_id"][0]]].append(row)
        list_id = self.lists.list_id(list_name)
        found = {each: self._opt_out_of(rows, list_id, moment) for each, rows in subscriptions.items()}
        return {address: reason for address, reason in found.items() if reason}

    def _opt_out_of(self, subscriptions: Sequence[Row], list_id: int | None, moment: str) -> str | None:
        opted_out = [row for row in subscriptions if row["opt_out"]]
        if any(row["list_id"][0] == list_id for row in opted_out):
            return "unsubscribed from the list"
        if opted_out and len(opted_out) == len(subscriptions):
            return "opted out of every list"
        # The audience knows nothing of it yet: the next one decides what the opt-out binds.
        if any(row[moment] and _utc(row[moment]) >= self.known_at.replace(microsecond=0) for row in opted_out):
            return "unsubscribed since the audience was built"
        return None


@dataclass(frozen=True, slots=True)
class ReminderSuppression:
    """Reminders of carts besides: who ordered, came back or was reminded again while a plan waited is let be."""

    live: LiveSuppression
    connection: psycopg.Connection

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        rows = self.connection.execute("select address from carts.reminder where list_name = %s", (list_name,))
        out = {address for (address,) in rows}
        over = [member.address for member in members if member.address not in out]
        return dict.fromkeys(over, "the reminder is over") | self.live.reasons(list_name, members)


def _reason_of(member: Member, holders: Mapping[int, Row]) -> str | None:
    """One holder of the address for whom it must not be written to suffices."""
    if member.partner_id is None or member.partner_id not in holders:
        return "the contact has another address by now"
    if not holders[member.partner_id]["active"]:
        return "archived in Odoo"
    if any(row["partner_share"] is False for row in holders.values()):
        return "internal user"
    if any(row["message_bounce"] >= _MAX_BOUNCES for row in holders.values()):
        return "bounces"
    return None


def _utc(text: str) -> datetime:
    """Odoo's moments are UTC, without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
