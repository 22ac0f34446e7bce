"""The steps of the warehouse's night, as tasks call them: `night` is the small dictionary that XCom carries."""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from creamery import publication, warehouse
from creamery.errors import ConfigError, InputError, WarehouseError
from creamery.orchestration import dbt
from creamery.orchestration.connections import WAREHOUSE, dsn_of
from creamery.push.destinations import files


def open_oldest_day(days: list[date]) -> dict[str, Any]:
    """Open a generation for the first of `days`; the others wait in the result."""
    if not days:
        raise InputError("No as-of day: fill in the field As-of day, or let extract_odoo trigger this DAG.")
    first, *later = days
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, f"opening {first}") as writer:
        generation = publication.open_generation(writer.connection, first)
    return {
        "as_of_date": first.isoformat(),
        "generation": generation,
        "later": [day.isoformat() for day in later],
    }


def build_layer(layer: dbt.Layer, night: dict[str, Any]) -> int:
    """dbt build of one layer for the night's day; number of models and tests."""
    return dbt.build_layer(dsn_of(WAREHOUSE), layer, date.fromisoformat(night["as_of_date"]), night["generation"])


def publish_day(night: dict[str, Any]) -> date:
    """Move the row that says what readers see; returns the day built."""
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, "publication") as writer:
        publication.publish(writer.connection, night["generation"])
    return date.fromisoformat(night["as_of_date"])


def remaining_days(night: dict[str, Any]) -> list[date]:
    """Days still in the queue; skips the task where there is none."""
    if not night["later"]:
        raise AirflowSkipException("No further day is waiting.")
    return [date.fromisoformat(day) for day in night["later"]]


def build_audiences(days: Iterable[date]) -> list[str]:
    """dbt build of the audiences of each day, as published."""
    dsn = dsn_of(WAREHOUSE)
    for day in days:
        dbt.build_layer(dsn, dbt.AUDIENCES, day, _generation_of(dsn, day))
    return [day.isoformat() for day in days]


def export_lists(days: Iterable[date]) -> dict[str, int]:
    """Write every campaign's list of each day; rows by file name."""
    folder = Path(_export_folder())
    rows = {}
    with warehouse.connect(dsn_of(WAREHOUSE), warehouse.Role.EXPORTER) as connection:
        for day in days:
            for definition in files.LISTS:
                exported = files.export_list(connection, definition, day, folder)
                files.record_export(connection, day, exported)
                rows[f"{definition.campaign} {day}"] = exported.rows
    return rows


def _generation_of(dsn: str, day: date) -> int:
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        row = connection.execute("select generation from ops.published_day where as_of_date = %s", (day,)).fetchone()
    if row is None:
        raise WarehouseError(f"Day {day} is not published. Run extract_odoo or build_warehouse for it first.")
    return int(row[0])


def _export_folder() -> str:
    folder = os.environ.get("CREAMERY_EXPORT_DIR")
    if not folder:
        raise ConfigError("CREAMERY_EXPORT_DIR is not set: the folder for exported lists (docs/operations.md).")
    return folder
