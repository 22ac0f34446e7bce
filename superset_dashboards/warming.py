"""Asks every chart once as its dashboard opens, so that the first visitor of a new day finds the answers cached."""

import copy
import json
from typing import Any

from bundle import Sources
from dashboard_layout import chart_names, filtered_charts
from superset_client import ImportFailedError, Superset

Spec = dict[str, Any]


def warm(superset: Superset, sources: Sources) -> dict[str, str]:
    """What went wrong, by chart; one that fails does not keep the others from being asked."""
    contexts = _stored_queries(superset)
    days: dict[str, int | None] = {}
    asked: set[tuple[str, bool]] = set()
    failures = {}
    for dashboard in sources.dashboards.values():
        as_of = next(each for each in dashboard["filters"] if each["column"] == "as_of_date")
        dataset = as_of["dataset"]
        days[dataset] = days.get(dataset) or _newest_day(superset, dataset)
        of_the_day = filtered_charts(dashboard, as_of, sources.charts)
        for name in chart_names(dashboard):
            is_of_day = name in of_the_day
            if (name, is_of_day) in asked:
                continue
            asked.add((name, is_of_day))
            try:
                _ask(superset, contexts[name], days[dataset] if is_of_day else None)
            except ImportFailedError as error:
                failures[name] = str(error)
    return failures


def _stored_queries(superset: Superset) -> dict[str, Spec]:
    charts = {}
    for item in superset.every("chart"):
        file = str(item["certification_details"]).removeprefix("charts/").removesuffix(".yaml")
        charts[file] = json.loads(superset.get(f"chart/{item['id']}")["result"]["query_context"])
    return charts


def _newest_day(superset: Superset, dataset: str) -> int | None:
    """The day that the filter selects by itself, as the filter sends it."""
    numbers = {each["table_name"]: each["id"] for each in superset.every("dataset")}
    query = {"columns": ["as_of_date"], "metrics": [], "orderby": [["as_of_date", False]], "row_limit": 1}
    body = {"datasource": {"id": numbers[dataset], "type": "table"}, "queries": [query], "force": True}
    rows = superset.ask("POST", "chart/data", "asking for the newest day", json=body).json()["result"][0]["data"]
    # Superset answers milliseconds with a decimal point, browsers send them without: to the cache another question.
    return int(rows[0]["as_of_date"]) if rows else None


def _ask(superset: Superset, context: Spec, day: int | None) -> None:
    body = copy.deepcopy(context)
    if day is not None:
        for query in body["queries"]:
            query["filters"].append({"col": "as_of_date", "op": "IN", "val": [day]})
    superset.ask("POST", "chart/data", "asking for a chart's data", json=body)
