"""campaigns/odoo.yaml, parsed; unknown keys are refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from creamery.carts.rules import load_rules
from creamery.errors import ConfigError
from creamery.push.guard import Limits
from creamery.segments import DEFINITIONS_FOLDER

FILE = Path(__file__).resolve().parents[3] / "campaigns" / "odoo.yaml"
_KEYS = {"guard", "batch_size", "calls_per_second", "draft_sender", "plans_kept", "tags", "cart_steps"}


@dataclass(frozen=True, slots=True)
class PushSettings:
    limits: Limits
    batch_size: int
    calls_per_second: float
    plans_kept: int
    draft_sender: str  # empty: no drafts
    tagged_segments: tuple[str, ...] = ()
    reminder_lists: tuple[str, ...] = ()  # of carts; kept up every quarter of an hour


def load(file: Path = FILE) -> PushSettings:
    """ConfigError names the key that is wrong."""
    try:
        given: Any = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    _require_keys(file, given, _KEYS)
    _require_keys(file, given["guard"], {"members", "percent"})
    return PushSettings(
        limits=Limits(_positive(file, given["guard"], "members"), _positive(file, given["guard"], "percent")),
        batch_size=_positive(file, given, "batch_size"),
        calls_per_second=_positive(file, given, "calls_per_second"),
        plans_kept=_positive(file, given, "plans_kept"),
        draft_sender=_sender(file, given["draft_sender"]),
        tagged_segments=_segments(file, given["tags"]),
        reminder_lists=tuple(f"abandoned_cart_{step}" for step in _cart_steps(file, given["cart_steps"])),
    )


def _require_keys(file: Path, given: Any, keys: set[str]) -> None:
    if not isinstance(given, dict) or given.keys() != keys:
        found = ", ".join(map(str, given)) if isinstance(given, dict) else repr(given)
        raise ConfigError(f"{file} must have exactly the keys {', '.join(sorted(keys))}; it has {found}.")


def _positive(file: Path, given: dict[str, Any], key: str) -> int:
    value = given[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{file}, {key}: {value!r} is not a whole number from 1 on.")
    return value


def _cart_steps(file: Path, value: Any) -> list[int]:
    known = list(range(1, len(load_rules().steps) + 1))
    if not isinstance(value, list) or any(isinstance(step, bool) or step not in known for step in value):
        raise ConfigError(f"{file}, cart_steps: {value!r} is not a list of steps. campaigns/carts.yaml has {known}.")
    return sorted(set(value))


def _sender(file: Path, value: Any) -> str:
    if not isinstance(value, str) or (value and "@" not in value):
        raise ConfigError(f'{file}, draft_sender: {value!r} is not a sender. Write it as "Shop <shop@example.com>".')
    return value


def _segments(file: Path, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigError(f"{file}, tags: {value!r} is not a list of segments. Write it as [champions, ...], or [].")
    for name in value:
        if not (DEFINITIONS_FOLDER / f"{name}.yaml").is_file():
            raise ConfigError(
                f"{file}, tags: there is no segment {name} in {DEFINITIONS_FOLDER}. Correct or remove it."
            )
    return tuple(value)
