"""Expands a dashboard file (rows of cells, tabs, filters) to Superset's position and metadata."""

import re
from collections.abc import Iterator
from typing import Any

from query_context import emitted_columns

Spec = dict[str, Any]
GRID_PATH = ["ROOT_ID", "GRID_ID"]


def tabs(dashboard: Spec) -> list[Spec]:
    """The dashboard's tabs; their rows stand below those that every tab shows."""
    return dashboard.get("tabs", [])


def rows(dashboard: Spec) -> Iterator[Spec]:
    """All rows in reading order."""
    yield from dashboard.get("rows", [])
    for tab in tabs(dashboard):
        yield from tab["rows"]


def _charts_in(some_rows: list[Spec]) -> list[str]:
    return [cell["chart"] for row in some_rows for cell in row["cells"] if "chart" in cell]


def chart_names(dashboard: Spec) -> list[str]:
    """The dashboard's charts in reading order."""
    return _charts_in(list(rows(dashboard)))


def charts_by_tab(dashboard: Spec) -> dict[str, list[str]]:
    """What stands on each tab, by its title; what every tab shows, by ''."""
    return {"": _charts_in(dashboard.get("rows", []))} | {
        tab["tab"]: _charts_in(tab["rows"]) for tab in tabs(dashboard)
    }


def filtered_charts(dashboard: Spec, spec: Spec, charts: dict[str, Spec]) -> list[str]:
    """The charts that a filter is meant for: those of its tabs, less those that 'except' names by chart or dataset."""
    excepted = spec.get("except", [])
    on_tabs = charts_by_tab(dashboard)
    names = [name for tab in spec.get("tabs", on_tabs) for name in on_tabs[tab]]
    return [name for name in names if name not in excepted and charts[name]["dataset"] not in excepted]


def tab_id(title: str) -> str:
    return "TAB-" + _slug(title)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def chart_numbers(dashboard: Spec) -> dict[str, int]:
    """A number for each chart within the bundle; Superset's importer replaces it by the chart's id."""
    return {name: number for number, name in enumerate(chart_names(dashboard), start=1)}


def position(dashboard: Spec, charts: dict[str, Spec]) -> Spec:
    """Superset's tree of tabs, rows and cells; `charts` are the compiled ones, with uuid, by file name."""
    numbers = chart_numbers(dashboard)
    title = dashboard["dashboard_title"]
    on_top, placed = _rows(dashboard.get("rows", []), "ROW", GRID_PATH, charts, numbers)
    children = list(on_top)
    if tabs(dashboard):
        children.append("TABS-main")
        placed |= _tabs(dashboard, charts, numbers)
    return {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": title}},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": children, "parents": ["ROOT_ID"]},
    } | placed


def _tabs(dashboard: Spec, charts: dict[str, Spec], numbers: dict[str, int]) -> Spec:
    path = [*GRID_PATH, "TABS-main"]
    placed: Spec = {}
    for tab in tabs(dashboard):
        own = tab_id(tab["tab"])
        row_ids, tree = _rows(tab["rows"], f"ROW-{_slug(tab['tab'])}", [*path, own], charts, numbers)
        placed[own] = {"id": own, "type": "TAB", "children": row_ids, "parents": path, "meta": {"text": tab["tab"]}}
        placed |= tree
    shown = [tab_id(tab["tab"]) for tab in tabs(dashboard)]
    placed["TABS-main"] = {"id": "TABS-main", "type": "TABS", "children": shown, "parents": GRID_PATH, "meta": {}}
    return placed


def _rows(
    some_rows: list[Spec], prefix: str, path: list[str], charts: dict[str, Spec], numbers: dict[str, int]
) -> tuple[list[str], Spec]:
    """Ids of the rows, and the rows with their cells by id."""
    ids, tree = [], {}
    for number, row in enumerate(some_rows, start=1):
        row_id = f"{prefix}-{number}"
        cells = [
            _cell(cell, row, [*path, row_id], f"{row_id}-{index}", charts, numbers)
            for index, cell in enumerate(row["cells"])
        ]
        tree[row_id] = {
            "id": row_id,
            "type": "ROW",
            "children": [cell["id"] for cell in cells],
            "parents": path,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        tree |= {cell["id"]: cell for cell in cells}
        ids.append(row_id)
    return ids, tree


def _cell(cell: Spec, row: Spec, path: list[str], place: str, charts: dict[str, Spec], numbers: dict[str, int]) -> Spec:
    size = {"width": cell["width"], "height": row["height"]}
    placed = {"children": [], "parents": path}
    if "text" in cell:
        return {"id": f"MARKDOWN-{place}", "type": "MARKDOWN", "meta": size | {"code": cell["text"]}} | placed
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
        "native_filter_configuration": [
            _filter(spec, numbers, datasets, filtered_charts(dashboard, spec, charts)) for spec in dashboard["filters"]
        ],
        "cross_filters_enabled": True,
        "chart_configuration": _cross_filters(numbers, charts, datasets),
        "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}},
    }


def _filter(spec: Spec, numbers: dict[str, int], datasets: dict[str, Spec], filtered: list[str]) -> Spec:
    one_newest = spec.get("one_value") == "newest"
    one_first = spec.get("one_value") == "first"
    is_single = one_newest or one_first
    return {
        "id": "NATIVE_FILTER-" + re.sub(r"\W+", "-", spec["name"].lower()),
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": spec["name"],
        "description": spec["description"],
        "targets": [{"datasetUuid": datasets[spec["dataset"]]["uuid"], "column": {"name": spec["column"]}}],
        "controlValues": {
            "multiSelect": not is_single,
            "enableEmptyFilter": is_single,  # the charts wait until a value is chosen
            "defaultToFirstItem": is_single,
            "sortAscending": not one_newest,
            "inverseSelection": False,
            "searchAllOptions": bool(spec.get("many_values")),  # asks the database while one types
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
        "requiredFirst": is_single,  # without it the default is shown but not applied
        "scope": {
            "rootPath": [tab_id(title) for title in spec["tabs"]] if "tabs" in spec else ["ROOT_ID"],
            "excluded": [number for name, number in numbers.items() if name not in filtered],
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


def empty_texts(dashboard: Spec, charts: dict[str, Spec]) -> str:
    """Style that says, in a chart without rows, why it has none: Superset's own words cannot be set."""
    return "\n".join(
        f'[id="CHART-{name}"] ~ * .ant-empty-description::after {{ content: "{_css_string(charts[name]["empty"])}"; }}'
        for name in chart_names(dashboard)
        if charts[name].get("empty")
    )


def _css_string(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
