"""The query that a chart sends, derived from its params as Superset's own front end derives it.

Superset needs it stored to answer /api/v1/chart/<id>/data, to warm caches and to send reports; a test
compares it with what a browser really sends.
"""

import json
from collections.abc import Callable
from typing import Any

Params = dict[str, Any]
Query = dict[str, Any]


class UnknownChartTypeError(Exception):
    """A chart has a viz_type for which no query is written here yet."""


def query_context(viz_type: str, params: Params) -> dict[str, Any]:
    """The document to store; the importer on Superset's side fills in the dataset's id."""
    if viz_type not in QUERIES:
        known = ", ".join(sorted(QUERIES))
        raise UnknownChartTypeError(f"no query is written for viz_type {viz_type!r}; known: {known}")
    base: Query = {
        "filters": [],
        "extras": {"having": "", "where": ""},
        "columns": [],
        "row_limit": params.get("row_limit"),
        "order_desc": params.get("order_desc", True),
    }
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [base | query for query in QUERIES[viz_type](params)],
        "form_data": {**params, "viz_type": viz_type},
        "result_format": "json",
        "result_type": "full",
    }


def emitted_columns(viz_type: str, params: Params) -> list[str]:
    """Columns on which a click in the chart filters the others (cross-filters)."""
    match viz_type:
        case "table":
            return list(params.get("groupby") or params["all_columns"])
        case "echarts_timeseries_bar":
            return list(params.get("groupby") or [params["x_axis"]])
        case _:
            return []


def _big_number(params: Params) -> list[Query]:
    return [{"metrics": [params["metric"]]}]


def _axis(column: str) -> dict[str, Any]:
    """How the front end names the column on an x axis."""
    return {
        "columnType": "BASE_AXIS",
        "sqlExpression": column,
        "label": column,
        "expressionType": "SQL",
        "isColumnReference": True,
    }


def _heatmap(params: Params) -> list[Query]:
    across, up = params["x_axis"], params["groupby"]
    return [
        {
            "columns": [_axis(across), up],
            "metrics": [params["metric"]],
            "orderby": [
                [across, params["sort_x_axis"].endswith("asc")],
                [up, params["sort_y_axis"].endswith("asc")],
            ],
            "post_processing": [{"operation": "rank", "options": {"metric": params["metric"]}}],
        }
    ]


def _bar(params: Params) -> list[Query]:
    """One bar per value of x_axis, coloured by it: no groupby, one metric."""
    axis, metric = params["x_axis"], params["metrics"][0]
    pivot = {
        "index": [axis],
        "columns": [],
        "aggregates": {metric: {"operator": "mean"}},
        "drop_missing_columns": False,
    }
    sort = {"by": params["x_axis_sort"], "ascending": params["x_axis_sort_asc"]}
    return [
        {
            "columns": [_axis(axis)],
            "metrics": [metric],
            "orderby": [[metric, False]],
            "series_columns": [],
            "post_processing": [
                {"operation": "pivot", "options": pivot},
                {"operation": "sort", "options": sort},
                {"operation": "flatten"},
            ],
        }
    ]


def _table(params: Params) -> list[Query]:
    return _raw_table(params) if params["query_mode"] == "raw" else _aggregate_table(params)


def _aggregate_table(params: Params) -> list[Query]:
    metrics = params["metrics"]
    lines = {
        "columns": params["groupby"],
        "metrics": metrics,
        "orderby": [[params.get("timeseries_limit_metric", metrics[0]), not params["order_desc"]]],
        "post_processing": [],
    }
    totals = {"metrics": metrics, "row_limit": 0, "post_processing": []}
    return [lines, totals] if params.get("show_totals") else [lines]


def _raw_table(params: Params) -> list[Query]:
    """All lines, or with server_pagination the first page and, for the pager, the number of lines."""
    lines = {
        "columns": params["all_columns"],
        "orderby": [json.loads(order) for order in params["order_by_cols"]],
        "post_processing": [],
    }
    if not params.get("server_pagination"):
        return [lines]
    page = lines | {"row_limit": params["server_page_length"], "row_offset": 0}
    count = lines | {"row_offset": 0, "is_rowcount": True}
    return [page, count]


QUERIES: dict[str, Callable[[Params], list[Query]]] = {
    "big_number_total": _big_number,
    "heatmap_v2": _heatmap,
    "echarts_timeseries_bar": _bar,
    "table": _table,
}
