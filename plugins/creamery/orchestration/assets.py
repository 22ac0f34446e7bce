"""The assets that chain the night's DAGs, and the as-of days that their events carry.

Asset-triggered runs have no logical date, and one run consumes every queued event: the days travel in the events.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from airflow.sdk import Asset

RAW_ODOO = Asset(name="raw_odoo", uri="creamery://raw_odoo")
WAREHOUSE = Asset(name="published_warehouse", uri="creamery://published_warehouse")
AUDIENCES = Asset(name="exported_audiences", uri="creamery://exported_audiences")

_EXTRA_KEY = "as_of_dates"


def extra_for(days: Iterable[date]) -> dict[str, list[str]]:
    """The extra of an event that announces `days`."""
    return {_EXTRA_KEY: [day.isoformat() for day in sorted(days)]}


def days_of(triggering_asset_events: Mapping[Any, Iterable[Any]], asked_for: str | None) -> list[date]:
    """The as-of days to process, oldest first: the one a person asked for, else those in the events."""
    if asked_for:
        return [date.fromisoformat(asked_for)]
    texts = {
        text
        for events in triggering_asset_events.values()
        for event in events
        for text in event.extra.get(_EXTRA_KEY, [])
    }
    return sorted(map(date.fromisoformat, texts))
