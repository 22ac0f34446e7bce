"""How much of a card's planned lots may still expire, given what has happened to the card since the plan. Pure.

Points that were used in between are taken off the plan, oldest lot first, whatever else the card holds: nobody loses
points in the night in which they were used. The ledger lets uses after a lot's last day come out of other lots first,
so what was spared of a lot, and is still there, is due with the next plan.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

TOLERANCE = Decimal("0.000001")  # Odoo keeps points as double precision
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is planned to expire of one lot."""

    expiry_key: str
    lot_key: str
    expiry_date: date
    points: Decimal


@dataclass(frozen=True, slots=True)
class Log:
    """What a card's log holds up to its entry `last_id`, that one included."""

    count: int
    last_id: int
    issued: Decimal
    used: Decimal

    def is_same(self, other: "Log") -> bool:
        return self.count == other.count and _is_equal(self.issued, other.issued) and _is_equal(self.used, other.used)


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the plan with its lots in the order of their use, and what the warehouse knew of it."""

    card_id: int
    program_id: int
    balance: Decimal
    log: Log | None  # None: Odoo 16 and 17 keep none
    lots: tuple[Lot, ...]
    expired_keys: tuple[str, ...] = ()  # of what we expired on it before


@dataclass(frozen=True, slots=True)
class Standing:
    """The card as it is now."""

    balance: Decimal
    expired_since: Decimal = _NOTHING  # by us, since what the plan was computed from
    log: Log | None = None  # up to the entry that the plan knew last
    issued_since: Decimal = _NOTHING
    used_since: Decimal = _NOTHING  # our expiries not counted


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why nothing of a card expires tonight; the next plan knows what happened to it."""

    reason: str


def still_expiring(card: Card, now: Standing) -> dict[str, Decimal] | Deferral:
    """Points to expire by expiry key, for each of the card's lots; zero where a use got there first."""
    used = _used_since_plan(card, now)
    if isinstance(used, Deferral):
        return used
    available = max(now.balance, _NOTHING)
    points: dict[str, Decimal] = {}
    for lot in card.lots:
        taken = min(used, lot.points)
        used -= taken
        points[lot.expiry_key] = min(lot.points - taken, available)
        available -= points[lot.expiry_key]
    return points


def _used_since_plan(card: Card, now: Standing) -> Decimal | Deferral:
    if (card.log is None) is not (now.log is None):
        return Deferral("this system keeps a log of points since, or keeps it no more: it was upgraded after the plan")
    if card.log is None or now.log is None:
        if _is_equal(card.balance - now.expired_since, now.balance):
            return _NOTHING
        # A rise may hide a use, and a fall a bigger one: without a log nobody can tell.
        return Deferral("the balance changed since the plan, and this Odoo keeps no log that says how")
    if not card.log.is_same(now.log):
        return Deferral("entries that the plan knew were changed or deleted since")
    explained = card.balance - now.expired_since + now.issued_since - now.used_since
    # A balance that somebody lowered beside the log is a use; one that was raised says nothing about uses.
    lowered = explained - now.balance
    return now.used_since + (lowered if lowered >= TOLERANCE else _NOTHING)


def _is_equal(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) < TOLERANCE
