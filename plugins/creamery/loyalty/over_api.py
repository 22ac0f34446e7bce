"""Expiry in Odoo 18 to 19.0 over its external API.

The API knows balances only as a whole: what an order did between our reading and our writing is overwritten. So the
balance and its history row go into one call, and the card is read back: an entry that is older than ours, but that we
had not seen, was overwritten. What it did is done to the balance after all, and what it used does not expire as well:
an entry under the same key takes that part of the expiry back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from creamery.errors import UnknownOutcomeError
from creamery.loyalty.amounts import Card, Deferral, Log, Standing, still_expiring
from creamery.loyalty.keeper import Expired, SourceKind, Written
from creamery.odoo import OdooClient

_FIRST_WITH_LOG = 18
_ATTEMPTS = 5
_NOTHING = Decimal(0)
_ENTRY = ["description", "issued", "used", "create_date"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of loyalty.history."""

    entry_id: int
    description: str
    issued: Decimal
    used: Decimal
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A card and its log, read while neither changed."""

    program_id: int
    balance: Decimal
    entries: tuple[Entry, ...]

    @property
    def last_id(self) -> int:
        return self.entries[-1].entry_id if self.entries else 0


class OdooCardsOverApi:
    """Loyalty cards of an Odoo that is only reached over its API, as a PointsKeeper."""

    source_kind = SourceKind.ODOO

    def __init__(self, client: OdooClient) -> None:
        self._client = client

    def database_uuid(self) -> str | None:
        """None where this user may not read it."""
        identity = self._client.identity()
        return identity if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity) else None

    def why_only_reporting(self) -> str | None:
        if self._client.series < _FIRST_WITH_LOG:
            return (
                f"Odoo {self._client.series} keeps no log of points, so that over its API nobody could tell whether an "
                "expiry was written; define the connection odoo_loyalty"
            )
        wanted = {"loyalty.program": r"expire_after", "loyalty.history": r".*expir.*|available_issued.*"}
        found = [
            f"{model}.{field}"
            for model, pattern in wanted.items()
            for field in self._client.call(model, "fields_get", attributes=["type"])
            if re.fullmatch(pattern, field)
        ]
        return f"this Odoo expires points itself ({', '.join(found)})" if found else None

    def expire(self, card: Card, known_at: datetime) -> Expired | Deferral:
        seen = self._read(card.card_id)
        if seen is None:
            return Deferral("the card is gone")
        if seen.program_id != card.program_id or not self._is_loyalty(seen.program_id):
            return Deferral("the card belongs to another program by now, or to one that is not of type loyalty")
        keys = [lot.expiry_key for lot in card.lots]
        if written := _written(seen.entries, keys):
            return written
        points = still_expiring(card, _standing(card, seen))
        if isinstance(points, Deferral):
            return points
        left = {key: each for key, each in points.items() if each > 0}
        if not left:
            return {}
        entries = [_entry(key, used=each) for key, each in left.items()]
        after = self._write(card.card_id, seen, -sum(left.values(), _NOTHING), entries)
        return _written(self._compensated(card, left, seen, after).entries, keys)

    def written(self, card_id: int, keys: Sequence[str]) -> Expired:
        return self.read_back(keys)

    def read_back(self, keys: Sequence[str]) -> Expired:
        rows = self._client.search_read_in("loyalty.history", "description", keys, _ENTRY)
        return _written(map(_read_entry, rows), keys)

    def _compensated(self, card: Card, left: Mapping[str, Decimal], seen: Seen, after: Seen) -> Seen:
        """Undo what our writing overwrote, until nothing came in between any more; the card as it is then."""
        left = dict(left)
        for _ in range(_ATTEMPTS):
            ours = max(entry.entry_id for entry in after.entries if entry.description in left)
            lost = [entry for entry in after.entries if seen.last_id < entry.entry_id < ours]
            lost = [entry for entry in lost if entry.description not in left]
            if not lost:
                return after
            used = sum((entry.used for entry in lost), _NOTHING)
            corrections = []
            for key, points in left.items():
                taken_back = min(points, used)
                left[key], used = points - taken_back, used - taken_back
                # Also where there is nothing to take back: by its place we find what came before it.
                corrections.append(_entry(key, issued=taken_back))
            change = sum((entry.issued - entry.used for entry in lost), _NOTHING)
            change += sum((Decimal(str(each["issued"])) for each in corrections), _NOTHING)
            seen, after = after, self._write(card.card_id, after, change, corrections)
        raise UnknownOutcomeError(
            f"Loyalty card {card.card_id} changes faster than it can be written over the API. Clear the task; for such "
            "shops define the connection odoo_loyalty (docs/loyalty-push.md)."
        )

    def _write(self, card_id: int, seen: Seen, change: Decimal, entries: Sequence[Mapping[str, Any]]) -> Seen:
        """Balance and entries in one call, which is one transaction; the card as it is then."""
        try:
            self._client.call(
                "loyalty.card",
                "write",
                [card_id],
                context={"loyalty_no_mail": True},
                vals={
                    "points": float(seen.balance + change),
                    "history_ids": [[0, 0, dict(entry)] for entry in entries],
                },
            )
        except UnknownOutcomeError:
            after = self._read(card_id)
            if after is None or not {entry["description"] for entry in entries} <= _texts_since(after, seen):
                raise  # it may still be on its way
            return after
        after = self._read(card_id)
        if after is None:
            raise UnknownOutcomeError(f"Loyalty card {card_id} was deleted while its points expired. Clear the task.")
        return after

    def _read(self, card_id: int) -> Seen | None:
        """Between two readings of the card that agree, its log is that of the balance."""
        before = self._read_card(card_id)
        for _ in range(_ATTEMPTS):
            if before is None:
                return None
            rows = self._client.search_read("loyalty.history", [("card_id", "=", card_id)], _ENTRY)
            entries = tuple(map(_read_entry, rows))
            after = self._read_card(card_id)
            if after == before:
                return Seen(before["program_id"][0], _decimal(before["points"]), entries)
            before = after
        raise UnknownOutcomeError(f"Loyalty card {card_id} changes faster than it can be read. Clear the task.")

    def _read_card(self, card_id: int) -> dict[str, Any] | None:
        fields = ["program_id", "points", "write_date"]
        rows = self._client.search_read("loyalty.card", [("id", "=", card_id)], fields, with_archived=True)
        return next(iter(rows), None)

    def _is_loyalty(self, program_id: int) -> bool:
        rows = self._client.search_read(
            "loyalty.program", [("id", "=", program_id)], ["program_type"], with_archived=True
        )
        return [row["program_type"] for row in rows] == ["loyalty"]


def _standing(card: Card, seen: Seen) -> Standing:
    last_id = card.log.last_id if card.log else 0
    known = [entry for entry in seen.entries if entry.entry_id <= last_id]
    since = [entry for entry in seen.entries if entry.entry_id > last_id]
    taken_back, expired = _sums(entry for entry in since if entry.description in card.expired_keys)
    log = Log(len(known), last_id, *_sums(known))
    moved = _sums(entry for entry in since if entry.description not in card.expired_keys)
    return Standing(seen.balance, expired - taken_back, log, *moved)


def _sums(entries: Iterable[Entry]) -> tuple[Decimal, Decimal]:
    """Issued and used."""
    entries = list(entries)
    return sum((entry.issued for entry in entries), _NOTHING), sum((entry.used for entry in entries), _NOTHING)


def _written(entries: Iterable[Entry], keys: Sequence[str]) -> Expired:
    """What stands of each expiry, less what was taken back."""
    written: Expired = {}
    for entry in sorted(entries, key=lambda entry: entry.entry_id):
        if entry.description in keys:
            before = written.get(entry.description, Written(_NOTHING, entry.written_at))
            written[entry.description] = Written(before.points + entry.used - entry.issued, before.written_at)
    return written


def _texts_since(after: Seen, seen: Seen) -> set[str]:
    return {entry.description for entry in after.entries if entry.entry_id > seen.last_id}


def _entry(text: str, issued: Decimal = _NOTHING, used: Decimal = _NOTHING) -> dict[str, Any]:
    return {"description": text, "issued": float(issued), "used": float(used)}


def _read_entry(row: Mapping[str, Any]) -> Entry:
    written_at = datetime.fromisoformat(row["create_date"]).replace(tzinfo=UTC)
    return Entry(row["id"], row["description"], _decimal(row["issued"]), _decimal(row["used"]), written_at)


def _decimal(value: Any) -> Decimal:
    """As few digits as tell the number apart; 0.30000000000000004 has them all, and the tolerance of amounts.py."""
    return Decimal(str(value or 0))
