"""campaigns/loyalty.yaml, parsed; unknown keys are refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from creamery.errors import ConfigError
from creamery.loyalty.guard import AwardLimits, Limits

FILE = Path(__file__).resolve().parents[3] / "campaigns" / "loyalty.yaml"
_KEYS = {"guard": Limits, "award_guard": AwardLimits}
_Numbers = TypeVar("_Numbers", Limits, AwardLimits)


def load(file: Path = FILE) -> Limits:
    """Limits of expiries. ConfigError names the key that is wrong."""
    return _numbers(file, "guard", Limits)


def load_award_limits(file: Path = FILE) -> AwardLimits:
    """Limits of awards. ConfigError names the key that is wrong."""
    return _numbers(file, "award_guard", AwardLimits)


def _numbers(file: Path, key: str, limits: type[_Numbers]) -> _Numbers:
    try:
        given: Any = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    if not isinstance(given, dict) or not given.keys() <= _KEYS.keys():
        raise ConfigError(f"{file} must have no other keys than {', '.join(_KEYS)}.")
    below = given.get(key)
    names = [field.name for field in fields(limits)]
    if not isinstance(below, dict) or below.keys() != set(names):
        raise ConfigError(f"{file} must have the key {key}, with exactly these below it: {', '.join(names)}.")
    for name in names:
        if not isinstance(below[name], int) or isinstance(below[name], bool) or below[name] < 1:
            raise ConfigError(f"{file}, {key}, {name}: {below[name]!r} is not a whole number from 1 on.")
    return limits(**below)
