"""The steps of a training, as tasks call them."""

import logging
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
from airflow.sdk.exceptions import AirflowSkipException

from creamery import as_of, publication, warehouse
from creamery.as_of import Moment
from creamery.errors import InputError, WarehouseError
from creamery.modelling import history, registry, training
from creamery.modelling.registry import Task
from creamery.orchestration import dbt
from creamery.orchestration.connections import WAREHOUSE, dsn_of

log = logging.getLogger(__name__)


def build_history(asked_for: str | None) -> dict[str, Any]:
    """Features of the day and of cut-offs before it, and what followed them; the day and the cut-offs.

    The day is the newest published one where none is asked for. InputError where nothing is published, or the day has
    not ended.
    """
    with warehouse.connect(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER) as connection:
        day = date.fromisoformat(asked_for) if asked_for else publication.newest_day(connection)
        if day is None:
            raise InputError("Nothing is published yet, so there is nothing to learn from. Run extract_odoo first.")
        as_of.require_ended(connection, [day])
        (moment,) = as_of.moments(connection, [day])
    if moment.known_at:
        _build_past(moment)
    return _build_features(moment)


def train(task: str, prepared: dict[str, Any]) -> str:
    """Learn one task from what `build_history` built; who serves from now on, and why."""
    day, cutoffs = date.fromisoformat(prepared["as_of_date"]), list(map(date.fromisoformat, prepared["cutoffs"]))
    dsn = dsn_of(WAREHOUSE)
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        known = history.load(connection, day, cutoffs)
        incumbent = registry.incumbent(connection, Task(task), day)
    # Learning takes no lock: a night may write meanwhile.
    trained = training.learn(Task(task), known, incumbent)
    with warehouse.writer(dsn, warehouse.Role.TRANSFORMER, f"training of {task}") as writer:
        registry.record(writer.connection, trained, training.models_of(Task(task)))
    summary = f"{trained.verdict.decision}: {trained.verdict.model_name}. {trained.verdict.reason}"
    log.info("%s: %s", task, summary)
    return summary


def train_first_models(night: dict[str, Any]) -> list[str]:
    """Train on the newest day of a night in a warehouse that no training has seen; skips the task in any other.

    A night does not fail for it: rules and heuristics score, and say so.
    """
    newest = max(map(date.fromisoformat, night["as_of_dates"]))
    with warehouse.connect(dsn_of(WAREHOUSE), warehouse.Role.TRANSFORMER) as connection:
        if connection.execute("select 1 from ml.promotion limit 1").fetchone():
            raise AirflowSkipException("Models have been trained; train_models does it again every week.")
        is_present = as_of.moments(connection, [newest])[0].known_at is None
    if not is_present:
        raise AirflowSkipException(f"Day {newest} is a past one; ask train_models to train on it.")
    try:
        prepared = _build_features(Moment((newest,)))
        return [f"{task}: {train(task, prepared)}" for task in Task]
    except Exception as error:
        log.exception("The first training failed; rules and heuristics score until train_models succeeds.")
        raise AirflowSkipException(f"The first training failed: {error}") from error


def _build_features(moment: Moment) -> dict[str, Any]:
    dsn, (day,) = dsn_of(WAREHOUSE), moment.days
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        cutoffs = history.cutoffs(connection, moment)
        generation = publication.newest_generation(connection)
    dbt.build_layer(dsn, dbt.TRAINING, Moment((day, *cutoffs), moment.known_at), generation)
    return {"as_of_date": day.isoformat(), "cutoffs": [each.isoformat() for each in cutoffs]}


def _build_past(moment: Moment) -> None:
    dsn = dsn_of(WAREHOUSE)
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        _require_no_night(connection)
        generation = publication.newest_generation(connection)
    dbt.build_layer(dsn, replace(dbt.PAST, is_before_publication=False), moment, generation)


def _require_no_night(connection: psycopg.Connection) -> None:
    # What stands for the past moment would be swept away, or mixed up, by a night that builds past days itself.
    row = connection.execute("select max(generation) from ops.generation where state = 'building'").fetchone()
    if row and row[0]:
        raise WarehouseError(f"Generation {row[0]} is being built. Wait for build_warehouse, then train on a past day.")
