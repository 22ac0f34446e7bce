"""Expands a dashboard file (rows of cells, filters) to Superset's position and metadata."""

import re
from typing import Any

from query_context import emitted_columns

Spec = dict[str, Any]
GRID_PATH = ["ROOT_ID", "GRID_ID"]


def chart_names(dashboard: Spec) -> list[str]:
    """The dashboard's charts in reading order."""
    return [cell["chart"] for row in dashboard["rows"] for cell in row["cells"] if "chart" in cell]


def chart_numbers(dashboard: Spec) -> dict[str, int]:
    """A number for each chart within the bundle; Superset's importer replaces it by the chart's id."""
    return {name: number for number, name in enumerate(chart_names(dashboard), start=1)}


def position(dashboard: Spec, charts: dict[str, Spec]) -> Spec:
    """Superset's tree of rows and cells; `charts` are the compiled ones, with uuid, by file name."""
    numbers = chart_numbers(dashboard)
    title = dashboard["dashboard_title"]
    rows = {f"ROW-{number}": row for number, row in enumerate(dashboard["rows"], start=1)}
    tree: Spec = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": title}},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": list(rows), "parents": ["ROOT_ID"]},
    }
    for row_id, row in rows.items():
        cells = [_cell(cell, row, row_id, index, charts, numbers) for index, cell in enumerate(row["cells"])]
        tree[row_id] = {
            "id": row_id,
            "type": "ROW",
            "children": [cell["id"] for cell in cells],
            "parents": GRID_PATH,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        tree |= {cell["id"]: cell for cell in cells}
    return tree


def _cell(cell: Spec, row: Spec, row_id: str, index: int, charts: dict[str, Spec], numbers: dict[str, int]) -> Spec:
    size = {"width": cell["width"], "height": row["height"]}
    placed = {"children": [], "parents": [*GRID_PATH, row_id]}
    if "text" in cell:
        meta = size | {"code": cell["text"]}
        return {"id": f"MARKDOWN-{row_id}-{index}", "type": "MARKDOWN", "meta": meta} | placed
    name = cell["chart"]
    chart = charts[name]
    meta = size | {"chartId": numbers[name], "uuid": chart["uuid"], "sliceName": chart["slice_name"]}
    return {"id": f"CHART-{name}", "type": "CHART", "meta": meta} | placed


def metadata(dashboard: Spec, charts: dict[str, Spec], datasets: dict[str, Spec], label_colors: dict[str, str]) -> Spec:
    """Filters, cross-filters and colours; `charts` and `datasets` are the compiled ones, by file name."""
    numbers = chart_numbers(dashboard)
    return {
        "color_scheme": "creamery",
        "label_colors": label_colors,
        "shared_label_colors": list(label_colors),
        "refresh_frequency": 0,
        "filter_bar_orientation": "HORIZONTAL",
        "native_filter_configuration": [_filter(spec, numbers, datasets) for spec in dashboard["filters"]],
        "cross_filters_enabled": True,
        "chart_configuration": _cross_filters(numbers, charts, datasets),
        "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}},
    }


def _filter(spec: Spec, numbers: dict[str, int], datasets: dict[str, Spec]) -> Spec:
    one_newest = spec.get("one_value") == "newest"
    return {
        "id": "NATIVE_FILTER-" + re.sub(r"\W+", "-", spec["name"].lower()),
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": spec["name"],
        "description": spec["description"],
        "targets": [{"datasetUuid": datasets[spec["dataset"]]["uuid"], "column": {"name": spec["column"]}}],
        "controlValues": {
            "multiSelect": not one_newest,
            "enableEmptyFilter": one_newest,  # the charts wait until a value is chosen
            "defaultToFirstItem": one_newest,
            "sortAscending": not one_newest,
            "inverseSelection": False,
            "searchAllOptions": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
        "requiredFirst": one_newest,  # without it the default is shown but not applied
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [numbers[name] for name in spec.get("except", [])],
        },
    }


def _cross_filters(numbers: dict[str, int], charts: dict[str, Spec], datasets: dict[str, Spec]) -> Spec:
    """A click filters the charts that know the clicked column; the others would ignore it silently."""

    def knows(name: str, columns: list[str]) -> bool:
        return set(columns) <= column_names(datasets[charts[name]["dataset"]])

    configuration = {}
    for clicked, number in numbers.items():
        columns = emitted_columns(charts[clicked]["viz_type"], charts[clicked]["params"])
        deaf = [numbers[name] for name in numbers if name == clicked or not knows(name, columns)]
        scope = {"rootPath": ["ROOT_ID"], "excluded": deaf}
        configuration[str(number)] = {"id": number, "crossFilters": {"scope": scope, "chartsInScope": []}}
    return configuration


def column_names(dataset: Spec) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}
