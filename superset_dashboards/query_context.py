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
        "extras": {"having": "", "where": _where(params)} | _grain(params),
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


def _where(params: Params) -> str:
    """Conditions of the chart's own, in SQL."""
    return " AND ".join(f"({each['sqlExpression']})" for each in params.get("adhoc_filters", []))


def _grain(params: Params) -> Params:
    grain = params.get("time_grain_sqla")
    return {"time_grain_sqla": grain} if grain else {}


def emitted_columns(viz_type: str, params: Params) -> list[str]:
    """Columns on which a click in the chart filters the others (cross-filters)."""
    match viz_type:
        case "table":
            return list(params.get("groupby") or params["all_columns"])
        case "echarts_timeseries_bar" | "echarts_timeseries_line" | "echarts_area":
            on_axis = [] if params.get("time_grain_sqla") else [params["x_axis"]]
            return list(params.get("groupby") or on_axis)
        case "pie" | "funnel":
            return list(params["groupby"])
        case _:
            return []


def _big_number(params: Params) -> list[Query]:
    return [{"metrics": [params["metric"]]}]


def _axis(column: str, grain: str | None = None) -> dict[str, Any]:
    """How the front end names the column on an x axis; with a grain it is an axis of time."""
    return ({"timeGrain": grain} if grain else {}) | {
        "columnType": "BASE_AXIS",
        "sqlExpression": column,
        "label": column,
        "expressionType": "SQL",
        "isColumnReference": True,
    }


def _heatmap(params: Params) -> list[Query]:
    across, up = params["x_axis"], params["groupby"]
    ranked_within = {"x": across, "y": up}.get(params.get("normalize_across", ""))
    rank = {"metric": params["metric"]} | ({"group_by": ranked_within} if ranked_within else {})
    return [
        {
            "columns": [_axis(across), up],
            "metrics": [params["metric"]],
            "orderby": [
                [across, params["sort_x_axis"].endswith("asc")],
                [up, params["sort_y_axis"].endswith("asc")],
            ],
            "post_processing": [{"operation": "rank", "options": rank}],
        }
    ]


def _time_series(params: Params) -> list[Query]:
    """Bars, lines and areas: a series per metric, or per value of groupby; x_axis may be no time at all."""
    sort = {"by": params.get("x_axis_sort"), "ascending": params.get("x_axis_sort_asc")}
    if params.get("x_axis_sort") == params["x_axis"]:
        sort = {"is_sort_index": True, "ascending": params["x_axis_sort_asc"]}
    is_sorted = bool(params.get("x_axis_sort")) and not params["groupby"]
    return [_series(params, params["metrics"], params["groupby"], [{"operation": "sort", "options": sort}] * is_sorted)]


def _series(params: Params, metrics: list[str], groupby: list[str], sort: list[dict[str, Any]]) -> Query:
    axis = params["x_axis"]
    pivot = {
        "index": [axis],
        "columns": groupby,
        "aggregates": {metric: {"operator": "mean"} for metric in metrics},
        "drop_missing_columns": False,
    }
    rename = {"columns": {metrics[0]: None}, "level": 0, "inplace": True}
    is_renamed = bool(groupby) and params["truncate_metric"] and len(metrics) == 1
    parts = {"operation": "contribution", "options": {"orientation": params.get("contributionMode"), "time_shifts": []}}
    return {
        "columns": [_axis(axis, params.get("time_grain_sqla")), *groupby],
        "metrics": metrics,
        "orderby": [[metrics[0], not params["order_desc"]]],
        "series_columns": groupby,
        "post_processing": [
            {"operation": "pivot", "options": pivot},
            *([{"operation": "rename", "options": rename}] * is_renamed),
            *([parts] * bool(params.get("contributionMode"))),
            *sort,
            {"operation": "flatten"},
        ],
    }


def _mixed(params: Params) -> list[Query]:
    """Two sets of series over one axis; the keys of the second end in _b."""
    second = _series(params, params["metrics_b"], params["groupby_b"], [])
    return [
        _series(params, params["metrics"], params["groupby"], []),
        second | {"row_limit": params["row_limit_b"]},
    ]


def _pie(params: Params) -> list[Query]:
    metric = params["metric"]
    share = {"columns": [metric], "rename_columns": [f"{metric}__contribution"]}
    (query,) = _funnel(params)
    return [query | {"post_processing": [{"operation": "contribution", "options": share}]}]


def _funnel(params: Params) -> list[Query]:
    metric = params["metric"]
    return [{"columns": params["groupby"], "metrics": [metric], "orderby": [[metric, False]]}]


def _sankey(params: Params) -> list[Query]:
    metric, ends = params["metric"], [params["source"], params["target"]]
    order = [[metric, False], *([end, True] for end in ends)]
    return [{"groupby": ends, "metrics": [metric], "orderby": order}]


def _pivot(params: Params) -> list[Query]:
    columns = [*params["groupbyColumns"], *params["groupbyRows"]]
    metrics = params["metrics"]
    return [{"columns": columns, "metrics": metrics, "orderby": [[metrics[0], not params["order_desc"]]]}]


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
        "orderby": [json.loads(order) for order in params.get("order_by_cols", [])],
        "post_processing": [],
    }
    if not params.get("server_pagination"):
        return [lines]
    page = lines | {"row_limit": params["server_page_length"], "row_offset": 0}
    count = lines | {"row_offset": 0, "is_rowcount": True}
    return [page, count]


QUERIES: dict[str, Callable[[Params], list[Query]]] = {
    "big_number_total": _big_number,
    "echarts_area": _time_series,
    "echarts_timeseries_bar": _time_series,
    "echarts_timeseries_line": _time_series,
    "funnel": _funnel,
    "heatmap_v2": _heatmap,
    "mixed_timeseries": _mixed,
    "pie": _pie,
    "pivot_table_v2": _pivot,
    "sankey_v2": _sankey,
    "table": _table,
}
