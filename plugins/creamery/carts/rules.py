"""The rules of campaigns/carts.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from creamery.errors import InputError

RULES_FILE = Path(__file__).resolve().parents[3] / "campaigns" / "carts.yaml"


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder so long after the last activity, with a discount code where it has a prefix for one."""

    delay_hours: float
    offer_code_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class CartRules:
    """What makes a cart an abandoned one, and when its customer is reminded."""

    idle_minutes: int
    expire_days: int
    recovery_days: int
    minimum_value: float
    exclude_subscriptions: bool
    control_percent: float
    steps: tuple[Step, ...]

    @property
    def list_names(self) -> tuple[str, ...]:
        return tuple(f"abandoned_cart_{number}" for number in range(1, len(self.steps) + 1))


def load_rules(file: Path = RULES_FILE) -> CartRules:
    """Read the file. InputError names the key that is missing, unknown or impossible."""
    document = yaml.safe_load(file.read_text())
    values = _known(document, CartRules, file.name)
    steps = values["steps"]
    if not isinstance(steps, list) or not steps:
        raise InputError(f"{file.name}, steps: give at least one, like {{delay_hours: 1}}.")
    rules = CartRules(**{**values, "steps": tuple(Step(**_known(step, Step, f"{file.name}, steps")) for step in steps)})
    if problem := _problem(rules):
        raise InputError(f"{file.name}, {problem}.")
    return rules


def _known(document: Any, of: type, place: str) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise InputError(f"{place}: expected keys and values.")
    names = {field.name for field in fields(of)}
    required = names - {"offer_code_prefix"}
    if unknown := sorted(set(document) - names):
        raise InputError(f"{place}: unknown key {unknown[0]}. Allowed: {', '.join(sorted(names))}.")
    if missing := sorted(required - set(document)):
        raise InputError(f"{place}: {missing[0]} is missing.")
    return document


def _problem(rules: CartRules) -> str | None:
    numbers = ("idle_minutes", "expire_days", "recovery_days", "minimum_value", "control_percent")
    for name in numbers:
        value = getattr(rules, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            return f"{name}: {value!r} is not a number of 0 or more"
    if rules.control_percent >= 100:
        return "control_percent: with 100 or more nobody would be reminded"
    delays = [step.delay_hours for step in rules.steps]
    if any(isinstance(delay, bool) or not isinstance(delay, (int, float)) for delay in delays):
        return "steps: delay_hours must be numbers"
    if delays != sorted(set(delays)):
        return "steps: each delay_hours must be longer than the one before"
    if delays[0] * 60 < rules.idle_minutes:
        return f"steps: the first is due after {delays[0]:g} hours, when the cart is not abandoned yet (idle_minutes)"
    if delays[-1] >= rules.expire_days * 24:
        return f"steps: the last is due after {delays[-1]:g} hours, when the cart has expired (expire_days)"
    return None
