"""Turns the readable files of this folder into the bundle that Superset imports.

The files use Superset's own keys. What follows from something else is not written but derived here: ids from
file names, lists of columns from their names, queries from params, the layout from rows. Nothing here needs
Superset.
"""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from dashboard_layout import chart_names, column_names, metadata, position
from query_context import UnknownChartTypeError, emitted_columns, query_context

Spec = dict[str, Any]

FOLDER = Path(__file__).resolve().parent
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "superset.creamery")
MAINTAINER = "Creamery"
VERSION = {"version": "1.0.0"}


class BundleError(Exception):
    """A file of the bundle is wrong; the message names the file and the fix."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The parsed files, by name without suffix; datasets lie in a folder per database."""

    metadata: Spec
    palette: Spec
    css: str
    databases: dict[str, Spec]
    datasets: dict[str, Spec]
    charts: dict[str, Spec]
    dashboards: dict[str, Spec]


def identity(path: str) -> str:
    """The uuid of the object that a file describes, for example 'charts/customers'."""
    return str(uuid.uuid5(NAMESPACE, path))


def read(folder: Path = FOLDER) -> Sources:
    """Raises BundleError for a file that is not YAML."""
    return Sources(
        metadata=_parse(folder / "metadata.yaml"),
        palette=_parse(folder / "palette.yaml"),
        css=(folder / "style.css").read_text(),
        databases={path.stem: _parse(path) for path in sorted(folder.glob("databases/*.yaml"))},
        datasets={path.stem: _parse(path) for path in sorted(folder.glob("datasets/creamery/*.yaml"))},
        charts={path.stem: _parse(path) for path in sorted(folder.glob("charts/*.yaml"))},
        dashboards={path.stem: _parse(path) for path in sorted(folder.glob("dashboards/*.yaml"))},
    )


def _parse(path: Path) -> Spec:
    try:
        document: Spec = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise BundleError(f"{path.name} is not valid YAML: {error}") from error
    return document


def compile_bundle(sources: Sources, warehouse_uri: str | None = None) -> dict[str, Spec]:
    """The documents to import, by their path in the bundle; `warehouse_uri` replaces the file's address.

    Raises BundleError where a file refers to something that is not there, so that Superset never gets to
    ignore it silently.
    """
    databases = {name: _database(name, spec, warehouse_uri) for name, spec in sources.databases.items()}
    datasets = {name: _dataset(name, spec) for name, spec in sources.datasets.items()}
    colors = sources.palette["segments"]
    charts = {name: _chart(name, spec, datasets, colors) for name, spec in sources.charts.items()}
    dashboards = {name: _dashboard(name, spec, sources, charts, datasets) for name, spec in sources.dashboards.items()}
    documents = {"metadata": sources.metadata}
    documents |= {f"databases/{name}": spec for name, spec in databases.items()}
    documents |= {f"datasets/creamery/{name}": spec for name, spec in datasets.items()}
    documents |= {f"charts/{name}": _without_dataset(spec) for name, spec in charts.items()}
    documents |= {f"dashboards/{name}": spec for name, spec in dashboards.items()}
    return {f"{path}.yaml": spec for path, spec in documents.items()}


def _managed(path: str) -> Spec:
    """Superset then shows who owns the object and refuses edits, which the next import would undo."""
    return {"uuid": identity(path), "is_managed_externally": True} | VERSION


def _certified(path: str) -> Spec:
    return _managed(path) | {"certified_by": MAINTAINER, "certification_details": f"{path}.yaml"}


def _database(name: str, spec: Spec, warehouse_uri: str | None) -> Spec:
    uri = warehouse_uri or spec["sqlalchemy_uri"]
    if urlsplit(uri).password:
        raise BundleError(
            f"databases/{name}.yaml or SUPERSET_WAREHOUSE_URI contains a password. Remove it; Superset reads "
            "SUPERSET_DB_PASSWORD_<USER> from its own environment."
        )
    if spec["database_name"] != name:
        raise BundleError(f"databases/{name}.yaml: database_name must be {name!r}, like the file")
    return spec | {"sqlalchemy_uri": uri} | _managed(f"databases/{name}")


def _dataset(name: str, spec: Spec) -> Spec:
    if spec["table_name"] != name:
        raise BundleError(f"datasets/creamery/{name}.yaml: table_name must be {name!r}, like the file")
    spec = dict(spec)
    day = spec.pop("one_day_of")
    spec["columns"] = [_column(column, details) for column, details in spec["columns"].items()]
    spec["metrics"] = [_metric(metric, details, day) for metric, details in spec["metrics"].items()]
    owner = {"database_uuid": identity("databases/creamery")}
    return spec | owner | _managed(f"datasets/creamery/{name}")


def _column(name: str, details: Spec) -> Spec:
    return {
        "column_name": name,
        "verbose_name": details["label"],
        "description": details.get("description"),
        "type": details["type"],
        "expression": details.get("expression"),
        "is_dttm": details["type"].startswith(("DATE", "TIMESTAMP")),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _metric(name: str, details: Spec, day: str) -> Spec:
    """The reporting views hold many published days. Over several of them no sum has a meaning, so a metric is
    empty unless exactly one day is selected: no number rather than a wrong one."""
    return {
        "metric_name": name,
        "verbose_name": details["label"],
        "description": details.get("description"),
        "expression": f"case when min({day}) = max({day}) then {details['expression']} end",
        "d3format": details.get("d3format"),
    }


def _chart(name: str, spec: Spec, datasets: dict[str, Spec], segment_colors: dict[str, str]) -> Spec:
    if spec["dataset"] not in datasets:
        raise BundleError(f"charts/{name}.yaml: there is no file datasets/creamery/{spec['dataset']}.yaml")
    params = {"viz_type": spec["viz_type"], "adhoc_filters": []} | spec["params"]
    if spec["viz_type"] == "table" and "rfm_segment" in emitted_columns("table", params):
        params["conditional_formatting"] = _cell_colors(segment_colors)
    try:
        stored_query = json.dumps(query_context(spec["viz_type"], params))
    except UnknownChartTypeError as error:
        raise BundleError(f"charts/{name}.yaml: {error}") from error
    derived = {
        "params": params,
        "query_context": stored_query,
        "dataset_uuid": datasets[spec["dataset"]]["uuid"],
    }
    return spec | derived | _certified(f"charts/{name}")


def _cell_colors(segment_colors: dict[str, str]) -> list[Spec]:
    """A segment's name in a table has the colour of its bar."""
    return [
        {"column": "rfm_segment", "operator": "=", "targetValue": segment, "colorScheme": color}
        for segment, color in segment_colors.items()
    ]


def _without_dataset(chart: Spec) -> Spec:
    return {key: value for key, value in chart.items() if key != "dataset"}


def _dashboard(name: str, spec: Spec, sources: Sources, charts: dict[str, Spec], datasets: dict[str, Spec]) -> Spec:
    for problem in _broken_references(spec, charts, datasets):
        raise BundleError(f"dashboards/{name}.yaml: {problem}")
    kept = {key: value for key, value in spec.items() if key not in ("rows", "filters")}
    derived = {
        "css": sources.css,
        "published": True,
        "position": position(spec, charts),
        "metadata": metadata(spec, charts, datasets, sources.palette["segments"]),
    }
    return kept | derived | _certified(f"dashboards/{name}")


def _broken_references(dashboard: Spec, charts: dict[str, Spec], datasets: dict[str, Spec]) -> list[str]:
    """Names that do not exist, and filters that Superset would accept and then not apply to a chart."""
    names = chart_names(dashboard)
    filters = dashboard["filters"]
    excepted = {chart for spec in filters for chart in spec.get("except", [])}
    problems = [f"there is no file charts/{chart}.yaml" for chart in sorted(set(names) - set(charts))]
    problems += [f"'except' names {chart!r}, which is not on it" for chart in sorted(excepted - set(names))]
    return problems or [
        f"filter {spec['name']!r}: the dataset of chart {chart!r} has no column {spec['column']!r}; "
        "add the column or list the chart under 'except'"
        for spec in filters
        for chart in names
        if chart not in spec.get("except", [])
        and spec["column"] not in column_names(datasets[charts[chart]["dataset"]])
    ]
