"""dbt knows who reads its models: a column nobody asks for can go, one that somebody does cannot go unnoticed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from creamery.segments.catalogue import load_catalogue

SUPERSET = Path(__file__).resolve().parents[2] / "superset_dashboards"
DASHBOARDS = sorted(path.stem for path in (SUPERSET / "dashboards").glob("*.yaml"))


def exposed(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """Models by exposure."""
    return {
        exposure["name"]: {manifest["nodes"][node]["name"] for node in exposure["depends_on"]["nodes"]}
        for exposure in manifest["exposures"].values()
    }


def read(folder: str, name: str) -> dict[str, Any]:
    (path,) = (SUPERSET / folder).rglob(f"{name}.yaml")
    return yaml.safe_load(path.read_text())


def views_of(dashboard: str) -> set[str]:
    file = read("dashboards", dashboard)
    rows = file.get("rows", []) + [row for tab in file.get("tabs", []) for row in tab["rows"]]
    charts = {cell["chart"] for row in rows for cell in row["cells"] if "chart" in cell}
    datasets = {read("charts", chart)["dataset"] for chart in charts}
    datasets |= {each["dataset"] for each in file["filters"]}
    return {read("datasets", dataset)["table_name"] for dataset in datasets}


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_a_dashboard_is_exposed_with_the_views_that_it_shows(manifest: dict[str, Any], dashboard: str) -> None:
    assert exposed(manifest)[dashboard] == views_of(dashboard)


def test_every_dataset_is_exposed(manifest: dict[str, Any]) -> None:
    datasets = {path.stem for path in (SUPERSET / "datasets").glob("*/*.yaml")}
    views = {read("datasets", dataset)["table_name"] for dataset in datasets}
    assert views - set().union(*exposed(manifest).values()) == set()


def test_every_audience_is_exposed(manifest: dict[str, Any]) -> None:
    audiences = {node["name"] for node in manifest["nodes"].values() if node["name"].startswith("audience_")}
    assert audiences - set().union(*exposed(manifest).values()) == set()


def test_segments_are_exposed_with_the_tables_of_their_catalogue(manifest: dict[str, Any]) -> None:
    tables = {relation.table for relation in load_catalogue().relations.values()}
    assert exposed(manifest)["segments_refresh"] == tables
