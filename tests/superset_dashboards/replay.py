"""Asks Superset for a chart's data as its dashboard asks, through the API."""

import copy
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from bundle import Sources
from dashboard_layout import filtered_charts
from running_superset import NEWEST_DAY, Chart
from superset_client import Superset

Filter = dict[str, Any]
Result = dict[str, Any]


def on_day(day: str = NEWEST_DAY) -> Filter:
    """What the native filter sends for a day: milliseconds since 1970."""
    milliseconds = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    return {"col": "as_of_date", "op": "IN", "val": [milliseconds]}


def in_segments(*segments: str) -> Filter:
    return {"col": "rfm_segment", "op": "IN", "val": list(segments)}


def filters_of(sources: Sources, dashboard: str, chart: str) -> list[Filter]:
    """The filters that reach the chart there: the day with its value, others with any value."""
    spec = sources.dashboards[dashboard]
    reaching = [each for each in spec["filters"] if chart in filtered_charts(spec, each, sources.charts)]
    return [
        on_day() if each["column"] == "as_of_date" else {"col": each["column"], "op": "IS NOT NULL", "val": None}
        for each in reaching
    ]


@dataclass(frozen=True, slots=True)
class Replay:
    """One person's session."""

    session: Superset
    charts: dict[str, Chart]

    def __call__(self, chart: str, *filters: Filter, force: bool = True) -> list[Result]:
        """The results of the chart by file name, one per query; no filter may be rejected."""
        response = self.answer(chart, *filters, force=force)
        assert response.status_code == 200, response.text
        results: list[Result] = response.json()["result"]
        for result in results:
            assert result["error"] is None
            assert result["rejected_filters"] == []
        return results

    def answer(self, chart: str, *filters: Filter, force: bool = True) -> requests.Response:
        body = copy.deepcopy(self.charts[chart].context) | {"force": force}
        for query in body["queries"]:
            query["filters"] += filters
        return self.session.send("POST", "chart/data", f"asking {chart}", json=body)

    def seconds(self, chart: str, *filters: Filter) -> float:
        started = time.perf_counter()
        self(chart, *filters)
        return time.perf_counter() - started


def value(results: list[Result]) -> Any:
    """The only figure of a big number."""
    (row,) = results[0]["data"]
    (figure,) = row.values()
    return figure
