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

import chart_params
import dataset_files
import yaml
from contracts import read_contracts
from dashboard_layout import chart_names, column_names, empty_texts, filtered_charts, metadata, position, tabs
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
    """The parsed files, by name without suffix; datasets lie in a folder per database.

    `contracts` are the views' types and help texts, which the datasets take over.
    """

    metadata: Spec
    palette: Spec
    vocabulary: Spec
    css: str
    contracts: dict[str, Spec]
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
        vocabulary=_parse(folder / "vocabulary.yaml"),
        css=(folder / "style.css").read_text(),
        contracts=read_contracts(),
        databases={path.stem: _parse(path) for path in sorted(folder.glob("databases/*.yaml"))},
        datasets={
            path.stem: {"database": path.parent.name} | _parse(path)
            for path in sorted(folder.glob("datasets/*/*.yaml"))
        },
        charts={path.stem: _parse(path) for path in sorted(folder.glob("charts/**/*.yaml"))},
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
    datasets = {name: _dataset(name, spec, sources) for name, spec in sources.datasets.items()}
    charts = {name: _chart(name, spec, datasets, sources) for name, spec in sources.charts.items()}
    dashboards = {name: _dashboard(name, spec, sources, charts, datasets) for name, spec in sources.dashboards.items()}
    documents = {"metadata": sources.metadata}
    documents |= {f"databases/{name}": spec for name, spec in databases.items()}
    documents |= {f"datasets/{spec['database']}/{name}": _exported(spec) for name, spec in datasets.items()}
    documents |= {f"charts/{name}": _exported(spec) for name, spec in charts.items()}
    documents |= {f"dashboards/{name}": spec for name, spec in dashboards.items()}
    return {f"{path}.yaml": spec for path, spec in documents.items()}


def _exported(spec: Spec) -> Spec:
    """Without what is ours alone."""
    return {key: value for key, value in spec.items() if key not in ("database", "dataset", "units", "empty")}


def _managed(path: str) -> Spec:
    """Superset then shows who owns the object and refuses edits, which the next import would undo."""
    return {"uuid": identity(path), "is_managed_externally": True} | VERSION


def _certified(path: str) -> Spec:
    return _managed(path) | {"certified_by": MAINTAINER, "certification_details": f"{path}.yaml"}


def _database(name: str, spec: Spec, warehouse_uri: str | None) -> Spec:
    uri = _as_login(warehouse_uri or spec["sqlalchemy_uri"], spec["sqlalchemy_uri"])
    if any(urlsplit(each).password for each in (warehouse_uri or "", spec["sqlalchemy_uri"])):
        raise BundleError(
            f"databases/{name}.yaml or SUPERSET_WAREHOUSE_URI contains a password. Remove it; Superset reads "
            "SUPERSET_DB_PASSWORD_<USER> from its own environment."
        )
    if spec["database_name"] != name:
        raise BundleError(f"databases/{name}.yaml: database_name must be {name!r}, like the file")
    return spec | {"sqlalchemy_uri": uri} | _managed(f"databases/{name}")


def _as_login(uri: str, written: str) -> str:
    """Each connection has a login of its own; the address is the same."""
    address = urlsplit(uri)
    place = address.netloc.rpartition("@")[2]
    return address._replace(netloc=f"{urlsplit(written).username}@{place}").geturl()


def _dataset(name: str, spec: Spec, sources: Sources) -> Spec:
    place = f"datasets/{spec['database']}/{name}"
    if spec["table_name"] != name:
        raise BundleError(f"{place}.yaml: table_name must be {name!r}, like the file")
    if spec["database"] not in sources.databases:
        raise BundleError(f"{place}.yaml: there is no file databases/{spec['database']}.yaml")
    if name not in sources.contracts:
        raise BundleError(f"{place}.yaml: no model {name!r} in dbt_project/models/reporting; build the view first")
    try:
        expanded = dataset_files.expand(spec, sources.contracts[name], sources.vocabulary)
    except dataset_files.DatasetError as error:
        raise BundleError(f"{place}.yaml: {error}") from error
    return expanded | {"database_uuid": identity(f"databases/{spec['database']}")} | _managed(place)


def _chart(name: str, spec: Spec, datasets: dict[str, Spec], sources: Sources) -> Spec:
    if spec["dataset"] not in datasets:
        raise BundleError(f"charts/{name}.yaml: there is no file {spec['dataset']}.yaml in a folder of datasets/")
    dataset, viz_type = datasets[spec["dataset"]], spec["viz_type"]
    params = chart_params.expand(viz_type, spec["params"], dataset["units"], sources.vocabulary["units"])
    if viz_type == "table":
        params = {"conditional_formatting": _cell_colors(params, sources.palette)} | params
    try:
        stored_query = json.dumps(query_context(viz_type, params))
    except UnknownChartTypeError as error:
        raise BundleError(f"charts/{name}.yaml: {error}") from error
    derived = {"params": params, "query_context": stored_query, "dataset_uuid": dataset["uuid"]}
    return spec | derived | _certified(f"charts/{name}")


def _cell_colors(table: Spec, palette: Spec) -> list[Spec]:
    """A name in a table has the colour that it has in every chart."""
    return [
        {"column": column, "operator": "=", "targetValue": label, "colorScheme": color}
        for column in emitted_columns("table", table)
        for label, color in palette["labels"].get(palette["colored_columns"].get(column), {}).items()
    ]


def label_colors(palette: Spec) -> dict[str, str]:
    """With a blank at its end too: so names of the left side of a Sankey differ from those of the right."""
    return {
        label + blank: color
        for section in palette["labels"].values()
        for label, color in section.items()
        for blank in ("", " ")
    }


def _dashboard(name: str, spec: Spec, sources: Sources, charts: dict[str, Spec], datasets: dict[str, Spec]) -> Spec:
    for problem in _broken_references(spec, charts, datasets):
        raise BundleError(f"dashboards/{name}.yaml: {problem}")
    kept = {key: value for key, value in spec.items() if key not in ("rows", "tabs", "filters")}
    derived = {
        "css": sources.css + empty_texts(spec, charts),
        "published": True,
        "position": position(spec, charts),
        "metadata": metadata(spec, charts, datasets, label_colors(sources.palette)),
    }
    return kept | derived | _certified(f"dashboards/{name}")


def _broken_references(dashboard: Spec, charts: dict[str, Spec], datasets: dict[str, Spec]) -> list[str]:
    """Names that do not exist, and filters that Superset would accept and then not apply to a chart."""
    names = chart_names(dashboard)
    filters = dashboard["filters"]
    titles = {tab["tab"] for tab in tabs(dashboard)}
    on_it = set(names) | {charts[name]["dataset"] for name in names if name in charts}
    problems = [f"there is no file charts/{chart}.yaml" for chart in sorted(set(names) - set(charts))]
    problems += [
        f"chart {chart!r} is on it twice" for chart in sorted({name for name in names if names.count(name) > 1})
    ]
    for spec in filters:
        problems += [
            f"'except' names {each!r}, which is not on it" for each in spec.get("except", []) if each not in on_it
        ]
        problems += [f"filter {spec['name']!r}: no tab {tab!r}" for tab in spec.get("tabs", []) if tab not in titles]
        if spec["dataset"] not in datasets:
            problems.append(f"filter {spec['name']!r}: there is no dataset {spec['dataset']!r}")
    return problems or [
        f"filter {spec['name']!r}: the dataset of chart {chart!r} has no column {spec['column']!r}; "
        "add the column or list the chart, or its dataset, under 'except'"
        for spec in filters
        for chart in filtered_charts(dashboard, spec, charts)
        if spec["column"] not in column_names(datasets[charts[chart]["dataset"]])
    ]
