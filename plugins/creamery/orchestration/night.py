"""The steps of the warehouse's night, as tasks call them: `night` is the small dictionary that XCom carries."""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import psycopg
from airflow.sdk.exceptions import AirflowSkipException

from creamery import as_of, publication, retention, segments, settings, warehouse
from creamery.as_of import Moment
from creamery.errors import InputError
from creamery.modelling import scores
from creamery.orchestration import dbt
from creamery.orchestration.connections import WAREHOUSE, dsn_of

log = logging.getLogger(__name__)


def announce_days(first: str, last: str, every: str) -> list[date]:
    """The days of a back-fill. InputError where there is none, or one that has not ended or is no longer known: in the
    queue of build_warehouse it would stop the night that shares it."""
    days = as_of.days_of_range(date.fromisoformat(first), date.fromisoformat(last), as_of.Every(every))
    with warehouse.connect(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER) as connection:
        as_of.require_ended(connection, days)
        _moments_of(connection, days)
    return days


def open_generation(days: list[date]) -> dict[str, Any]:
    """Open a generation for `days`, and find out which of them the present does not stand for."""
    if not days:
        raise InputError("No as-of day: fill in the field As-of day, or let extract_odoo trigger this DAG.")
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, "opening a generation") as writer:
        moments = _moments_of(writer.connection, days)
        generation = publication.open_generation(writer.connection, days)
    return {
        "generation": generation,
        "as_of_dates": [day.isoformat() for day in days],
        "moments": [
            {
                "known_at": moment.known_at and moment.known_at.isoformat(),
                "as_of_dates": [day.isoformat() for day in moment.days],
            }
            for moment in moments
        ],
    }


def build_layer(layer: dbt.Layer, night: dict[str, Any]) -> int:
    """dbt build of one layer as of now; number of models and tests."""
    return dbt.build_layer(dsn_of(WAREHOUSE), layer, Moment(_dates(night)), night["generation"])


def build_features(night: dict[str, Any]) -> int:
    """dbt build of what models score, of the days that the present stands for; skips the task where there is none."""
    return dbt.build_layer(dsn_of(WAREHOUSE), dbt.FEATURES, _present(night), night["generation"])


def score_customers(night: dict[str, Any]) -> dict[str, int]:
    """Score these days by the models that served on each; rows by table."""
    return scores.score_days(dsn_of(WAREHOUSE), _present(night), night["generation"])


def build_marts(night: dict[str, Any]) -> int:
    """dbt build of the marts of these days."""
    return dbt.build_layer(dsn_of(WAREHOUSE), dbt.MARTS, _present(night), night["generation"])


def build_past_days(night: dict[str, Any]) -> dict[str, int]:
    """The same for the days whose rows have changed since, one pass for each moment; number of nodes by moment."""
    dsn, built = dsn_of(WAREHOUSE), {}
    for moment in _moments(night):
        if moment.known_at is not None:
            nodes = sum(dbt.build_layer(dsn, layer, moment, night["generation"]) for layer in (dbt.PAST, dbt.FEATURES))
            scores.score_days(dsn, moment, night["generation"])
            built[moment.known_at.isoformat()] = nodes + dbt.build_layer(dsn, dbt.MARTS, moment, night["generation"])
    if not built:
        raise AirflowSkipException("The present stands for all days.")
    with warehouse.writer(dsn, warehouse.Role.TRANSFORMER, "clearing the past") as writer:
        publication.forget_past(writer.connection)
    return built


def refresh_segments(night: dict[str, Any]) -> dict[str, str]:
    """Bring the memberships of campaigns/segments to the newest of the days; what became of each segment.

    Skips the task for past days: who entered and left on them is history.
    """
    newest = max(_dates(night))
    is_present = any(newest in moment.days and moment.known_at is None for moment in _moments(night))
    catalogue = segments.load_catalogue()
    defined = segments.load_segments(segments.DEFINITIONS_FOLDER, catalogue)
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, f"segments of {newest}") as writer:
        published = publication.newest_day(writer.connection)
        if not is_present or (published and newest < published):
            raise AirflowSkipException(f"Day {newest} is a past one; memberships stay as they are.")
        refreshed = segments.refresh(writer.connection, defined, catalogue, newest, night["generation"])
    for each in refreshed:
        log.log(logging.WARNING if each.error else logging.INFO, "%s", each)
    return {each.name: str(each.outcome) for each in refreshed}


def publish_days(night: dict[str, Any]) -> list[date]:
    """Move the row that says what readers see; returns the days built."""
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, "publication") as writer:
        publication.publish(writer.connection, night["generation"])
    return list(_dates(night))


def drop_old_days() -> list[str]:
    """Drop the daily snapshots that the settings do not keep; the days."""
    with warehouse.writer(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER, "dropping old days") as writer:
        dropped = retention.drop_old_days(writer.connection, settings.load())
    return [day.isoformat() for day in dropped]


def _moments_of(connection: psycopg.Connection, days: Iterable[date]) -> list[Moment]:
    moments = as_of.moments(connection, days)
    as_of.require_kept(connection, moments, settings.load().raw_history_days)
    return moments


def _dates(night: dict[str, Any]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, night["as_of_dates"]))


def _moments(night: dict[str, Any]) -> list[Moment]:
    return [
        Moment(_dates(moment), moment["known_at"] and datetime.fromisoformat(moment["known_at"]))
        for moment in night["moments"]
    ]


def _present(night: dict[str, Any]) -> Moment:
    for moment in _moments(night):
        if moment.known_at is None:
            return moment
    raise AirflowSkipException("The present stands for none of the days.")
