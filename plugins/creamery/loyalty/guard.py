"""What makes a plan wait for a person: points are the customers' money, and the shop's. Pure."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to here a plan of expiries goes ahead by itself (campaigns/loyalty.yaml)."""

    lots: int
    points: int
    share_percent: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """A plan in numbers."""

    lots: int
    points: Decimal
    points_outstanding: Decimal
    is_first: bool


def concerns(plan: Amounts, limits: Limits) -> tuple[str, ...]:
    """Why a person should look at the plan; empty where nothing is out of the ordinary."""
    found = []
    if plan.is_first:
        found.append("Nothing has been expired here before.")
    if plan.lots > limits.lots:
        found.append(f"{plan.lots} lots are more than {limits.lots}.")
    return (*found, *_points_concerns(plan, limits, "cards"))


@dataclass(frozen=True, slots=True)
class AwardLimits:
    """Up to here a plan of awards goes ahead by itself (campaigns/loyalty.yaml)."""

    awards: int
    tiers: int
    points: int
    share_percent: int


@dataclass(frozen=True, slots=True)
class AwardAmounts:
    """A plan of awards in numbers."""

    awards: int
    tiers: int
    points: Decimal
    points_outstanding: Decimal
    is_first: bool


def award_concerns(plan: AwardAmounts, limits: AwardLimits) -> tuple[str, ...]:
    """Why a person should look at the plan; empty where nothing is out of the ordinary."""
    found = []
    if plan.is_first:
        found.append("Nothing has been awarded here before.")
    if plan.awards > limits.awards:
        found.append(f"{plan.awards} awards are more than {limits.awards}.")
    if plan.tiers > limits.tiers:
        found.append(f"{plan.tiers} changes of tier are more than {limits.tiers}.")
    return (*found, *_points_concerns(plan, limits, "accounts"))


def _points_concerns(plan: Amounts | AwardAmounts, limits: Limits | AwardLimits, holders: str) -> list[str]:
    found = []
    if plan.points > limits.points:
        found.append(f"{plan.points:.0f} points are more than {limits.points}.")
    if plan.points * 100 > plan.points_outstanding * limits.share_percent:
        found.append(
            f"{plan.points:.0f} points are more than {limits.share_percent} % of the {plan.points_outstanding:.0f} "
            f"that the programs' {holders} hold."
        )
    return found
