"""docs/metrics.md and the models name the same numbers.

A row of a table there whose first column is called metric defines what its first cell names: `column`, `model.column`,
or either with * for any letters. A new number in a mart has no definition until it has a row.
"""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

METRICS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
NUMBER = re.compile(r"numeric|(big|small)?int(eger)?\b|double precision|real", re.I)
KEY = re.compile(r"_(sk|id)$")


def documented() -> set[str]:
    tables = re.findall(r"(?:^\|.*\n)+", METRICS.read_text(), re.M)
    rows = [row for table in tables if table.startswith("| metric |") for row in table.splitlines()[2:]]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def columns(manifest: dict[str, Any], *layers: str) -> dict[str, str]:
    """Type by model.column, of the models with a contract."""
    return {
        f"{model['name']}.{name}": column["data_type"]
        for model in manifest["nodes"].values()
        if model["resource_type"] == "model"
        and model["config"]["contract"]["enforced"]
        and Path(model["original_file_path"]).parts[1] in layers
        for name, column in model["columns"].items()
    }


def defines(name: str, column: str) -> bool:
    return fnmatchcase(column, name) or fnmatchcase(column.partition(".")[2], name)


def test_every_defined_metric_is_a_column(manifest: dict[str, Any]) -> None:
    known = columns(manifest, "star", "marts", "audiences")
    unknown = sorted(name for name in documented() if not any(defines(name, column) for column in known))
    assert not unknown, f"docs/metrics.md defines what no model has: {', '.join(unknown)}"


def test_every_number_of_the_marts_is_defined(manifest: dict[str, Any]) -> None:
    numbers = {
        column
        for column, data_type in columns(manifest, "marts").items()
        if NUMBER.match(data_type) and not KEY.search(column)
    }
    assert len(numbers) > 20
    names = documented()
    undefined = sorted(column for column in numbers if not any(defines(name, column) for name in names))
    assert not undefined, f"docs/metrics.md has no row for: {', '.join(undefined)}"
