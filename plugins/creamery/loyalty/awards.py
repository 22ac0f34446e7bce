"""What an account of the add-on is to be given, and the tier that its points reach. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

TIER = "tier"


@dataclass(frozen=True, slots=True)
class Award:
    """Points for one occasion; of type tier none, but the look at the tier."""

    award_key: str
    award_type: str  # of the entry: order, signup, review, referral, birthday
    source_id: int | None
    occurred_date: date
    points: int
    entry_limit: int | None  # entries of the type that the account may have in the end


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its awards in the order in which it gets them."""

    card_id: int
    program_id: int
    allow_downgrade: bool
    awards: tuple[Award, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a program."""

    code: str
    min_points: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands on its program's ladder; points_to_next is 0 on the highest step."""

    tier_code: str | None
    points_to_next: int


def read_tiers(given: Any) -> tuple[Tier, ...]:
    """The steps of a program, the lowest first, as macro addon_tiers reads them: one without a bound is everybody's,
    one whose bound is no number nobody's."""
    tiers = [
        Tier(str(each["code"]), each.get("min_points", 0))
        for each in (given if isinstance(given, list) else [])
        if isinstance(each, dict) and each.get("code") is not None and _is_number(each.get("min_points", 0))
    ]
    return tuple(sorted(tiers, key=lambda tier: (tier.min_points, tier.code.lower())))


def standing(tiers: Sequence[Tier], current: str | None, lifetime: int, *, allow_downgrade: bool) -> Standing:
    """Where so many points put an account that has the tier `current`. One that the program does not know stays:
    somebody gave it by hand."""
    to_next = min((math.ceil(tier.min_points) for tier in tiers if tier.min_points > lifetime), default=lifetime)
    return Standing(_tier(tiers, current, lifetime, allow_downgrade=allow_downgrade), to_next - lifetime)


def _tier(tiers: Sequence[Tier], current: str | None, lifetime: int, *, allow_downgrade: bool) -> str | None:
    held = [tier for tier in tiers if current is not None and tier.code.lower() == current.lower()]
    reached = [tier for tier in tiers if tier.min_points <= lifetime]
    if not reached or (current is not None and not held):
        return current
    # Of two with one bound the first by its name, as in fact_loyalty_award_due.
    best = next(tier for tier in reached if tier.min_points == reached[-1].min_points)
    if not held or best.min_points > held[-1].min_points:
        return best.code
    return best.code if allow_downgrade and best.min_points < held[-1].min_points else current


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
