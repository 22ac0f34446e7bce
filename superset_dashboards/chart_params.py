"""Expands a chart's params: what all charts of a type have in common, and how their numbers are written."""

from typing import Any

Spec = dict[str, Any]
MONEY = {"symbol": "AUTO", "symbolPosition": "prefix"}

_TIME_SERIES: Spec = {
    "groupby": [],
    "row_limit": 10000,
    "order_desc": True,
    "color_scheme": "creamery",
    "rich_tooltip": True,
    "show_legend": True,
    "legendType": "scroll",
    "legendOrientation": "top",
    "truncate_metric": True,
    "truncateYAxis": False,
    "x_axis_time_format": "%b %Y",
    "x_axis_sort_asc": True,
}
_PARTS: Spec = {
    "row_limit": 100,
    "sort_by_metric": True,
    "color_scheme": "creamery",
    "show_labels": True,
    "show_legend": False,
}
DEFAULTS: dict[str, Spec] = {
    "big_number_total": {"header_font_size": 0.5, "subtitle_font_size": 0.2},
    "table": {"row_limit": 1000, "order_desc": True, "show_cell_bars": False, "table_timestamp_format": "%d %b %Y"},
    "echarts_timeseries_bar": _TIME_SERIES | {"orientation": "vertical"},
    "echarts_timeseries_line": _TIME_SERIES,
    "echarts_area": _TIME_SERIES | {"opacity": 0.6, "stack": "Stack"},
    "mixed_timeseries": _TIME_SERIES | {"groupby_b": [], "row_limit_b": 10000, "truncate_metric_b": True},
    "pie": _PARTS
    | {"donut": True, "innerRadius": 45, "outerRadius": 70, "label_type": "percent", "show_legend": True}
    | {"legendType": "scroll", "legendOrientation": "top", "labels_outside": False},
    "funnel": _PARTS | {"percent_calculation_type": "first_step", "label_type": "key_value_percent"},
    "sankey_v2": {"row_limit": 1000, "sort_by_metric": True, "color_scheme": "creamery"},
    "heatmap_v2": {
        "row_limit": 10000,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        "normalize_across": "heatmap",
        "legend_type": "continuous",
        "linear_color_scheme": "creamery_intensity",
        "xscale_interval": -1,
        "yscale_interval": -1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "show_legend": False,
        "show_percentage": False,
        "show_values": True,
    },
    "pivot_table_v2": {
        "groupbyRows": [],
        "groupbyColumns": [],
        "metricsLayout": "COLUMNS",
        "aggregateFunction": "Sum",
        "rowOrder": "key_a_to_z",
        "colOrder": "key_a_to_z",
        "row_limit": 10000,
        "order_desc": True,
    },
}
# Under which keys a chart type keeps the format and the currency of its (first) metric.
_FORMAT_KEYS = {"pie": "number_format", "funnel": "number_format", "pivot_table_v2": "valueFormat"}
_CURRENCY_KEYS = {"pivot_table_v2": "currencyFormat"}


def expand(viz_type: str, own: Spec, units_of: dict[str, str], units: dict[str, Spec]) -> Spec:
    """Params as in an export of the chart; what the file says goes before what is derived."""
    params = {"viz_type": viz_type, "adhoc_filters": []} | DEFAULTS.get(viz_type, {}) | own
    known = {name: units[unit] for name, unit in units_of.items()}
    if viz_type == "table":
        return params | {"column_config": _column_config(params, known)}
    return _formats(viz_type, params, known) | params


def _formats(viz_type: str, params: Spec, known: dict[str, Spec]) -> Spec:
    derived: Spec = {}
    for suffix, axis in (("", ""), ("_b", "_secondary")):
        measured = params.get(f"metrics{suffix}") or [params.get(f"metric{suffix}")]
        unit = known.get(measured[0])
        if unit:
            number = unit["tile"] if viz_type == "big_number_total" else unit["format"]
            derived[_FORMAT_KEYS.get(viz_type, "y_axis_format") + axis] = number
            if unit.get("is_money"):
                derived[_CURRENCY_KEYS.get(viz_type, "currency_format") + axis] = MONEY
    return derived


def _column_config(params: Spec, known: dict[str, Spec]) -> Spec:
    shown = params.get("all_columns", []) + params.get("groupby", []) + params.get("metrics", [])
    own = params.get("column_config", {})
    return {
        name: (_cell_format(known[name]) if name in known else {}) | own.get(name, {})
        for name in shown
        if name in known or name in own
    }


def _cell_format(unit: Spec) -> Spec:
    return {"d3NumberFormat": unit["format"]} | ({"currencyFormat": MONEY} if unit.get("is_money") else {})
