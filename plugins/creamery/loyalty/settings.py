"""campaigns/loyalty.yaml, parsed; unknown keys are refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from creamery.errors import ConfigError
from creamery.loyalty.guard import Limits

FILE = Path(__file__).resolve().parents[3] / "campaigns" / "loyalty.yaml"


def load(file: Path = FILE) -> Limits:
    """ConfigError names the key that is wrong."""
    try:
        given: Any = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    guard = given.get("guard") if isinstance(given, dict) and given.keys() == {"guard"} else None
    names = [field.name for field in fields(Limits)]
    if not isinstance(guard, dict) or guard.keys() != set(names):
        raise ConfigError(f"{file} must have the one key guard, with exactly these below it: {', '.join(names)}.")
    for name in names:
        if not isinstance(guard[name], int) or isinstance(guard[name], bool) or guard[name] < 1:
            raise ConfigError(f"{file}, guard, {name}: {guard[name]!r} is not a whole number from 1 on.")
    return Limits(**guard)
