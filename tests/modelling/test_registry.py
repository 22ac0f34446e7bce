"""Who serves on which day, whatever trainings were repeated or failed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from creamery import warehouse
from creamery.modelling import registry
from creamery.modelling.registry import Bin, Decision, Fit, Metric, Task, Training, Verdict
from creamery.warehouse import Role
from tests import nights

FIRST, SECOND, DAY_AFTER = date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 9)
TASK = Task.CHURN
MODELS = (("boosting", "Trees", False), ("rhythm_rule", "Rule", True))


@pytest.fixture(scope="module")
def target(new_database: Callable[..., str]) -> str:
    return nights.prepare_warehouse(new_database("registry"))


@pytest.fixture
def connection(target: str) -> Iterator[psycopg.Connection]:
    """Forgets what a test wrote."""
    with warehouse.connect(target, Role.TRANSFORMER) as connection, connection.transaction(force_rollback=True):
        yield connection


def training(day: date, parameter: float, model: str = "boosting") -> Training:
    """One that promotes its only fit."""
    fit = Fit(model, (date(2025, 1, 1), day), 10, 30, "0123", parameters={"weight": parameter}, metrics={"k": 1})
    verdict = Verdict(Decision.PROMOTION, model, fit.version(day), "It won.")
    metric = Metric(model, day, 90, "all", "brier", 0.1, 10)
    return Training(TASK, day, [fit], [metric], [Bin(model, day, 90, 1, 10, 0.2, 0.3)], verdict)


def count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from ml.{table}".encode()).fetchone()
    assert row
    return int(row[0])


def weight(connection: psycopg.Connection, day: date) -> float | None:
    champion = registry.champion(connection, TASK, day)
    return champion.parameters["weight"] if champion else None


def test_a_champion_serves_after_the_day_of_its_training(connection: psycopg.Connection) -> None:
    """That day was published before: its scores stay. The first serves on its own day, too: nobody did before."""
    registry.record(connection, training(SECOND, 2.0), MODELS)
    registry.record(connection, training(FIRST, 1.0), MODELS)
    days = [date(2026, 10, 31), FIRST, date(2026, 11, 7), SECOND, DAY_AFTER, date(2027, 1, 1)]
    assert [weight(connection, day) for day in days] == [None, 1.0, 1.0, 1.0, 2.0, 2.0]
    other = replace(training(SECOND, 3.0), task=Task.PROPENSITY)
    assert registry.champion(connection, Task.PROPENSITY, SECOND) is None
    registry.record(connection, other, MODELS)
    assert registry.champion(connection, Task.PROPENSITY, SECOND) is not None
    assert weight(connection, SECOND) == 1.0


def test_a_training_has_to_beat_who_served_before_its_day(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    registry.record(connection, training(SECOND, 2.0), MODELS)
    before = registry.incumbent(connection, TASK, SECOND)
    assert before is not None
    assert before.parameters == {"weight": 1.0}
    assert registry.incumbent(connection, TASK, FIRST) is None
    of_yesterday = registry.incumbent(connection, TASK, DAY_AFTER)
    assert of_yesterday is not None
    assert of_yesterday.parameters == {"weight": 2.0}


def test_a_repeated_training_replaces_the_first_and_finds_its_fit(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    once = registry.champion(connection, TASK, FIRST)
    registry.record(connection, training(FIRST, 1.0), MODELS)
    assert registry.champion(connection, TASK, FIRST) == once
    assert [count(connection, table) for table in ("fit", "promotion", "backtest", "calibration")] == [1, 1, 1, 1]


def test_another_fit_of_the_same_day_takes_over(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    registry.record(connection, training(FIRST, 1.5), MODELS)
    assert weight(connection, FIRST) == 1.5
    assert [count(connection, table) for table in ("fit", "promotion", "backtest")] == [2, 1, 1]


def test_the_incumbent_that_is_retained_serves_on(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    present = registry.champion(connection, TASK, FIRST)
    assert present is not None
    kept = Verdict(Decision.RETAINED, present.model_name, present.model_version, "It is better.")
    registry.record(connection, replace(training(SECOND, 2.0), verdict=kept), MODELS)
    assert registry.champion(connection, TASK, DAY_AFTER) == present
    assert count(connection, "fit") == 2


def test_demoted_to_the_baseline(connection: psycopg.Connection) -> None:
    """To one that was fitted, or to none: then the rule serves untrained."""
    registry.record(connection, training(FIRST, 1.0), MODELS)
    rule = training(SECOND, 0.0, "rhythm_rule")
    fitted = replace(rule.verdict, decision=Decision.DEMOTION)
    registry.record(connection, replace(rule, verdict=fitted), MODELS)
    champion = registry.champion(connection, TASK, DAY_AFTER)
    assert champion is not None
    assert champion.model_name == "rhythm_rule"
    unfitted = replace(fitted, model_version=None)
    registry.record(connection, replace(rule, verdict=unfitted), MODELS)
    assert registry.champion(connection, TASK, DAY_AFTER) is None
    assert weight(connection, FIRST) == weight(connection, SECOND) == 1.0


def test_a_failed_fit_is_written_and_keeps_the_champion(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    present = registry.champion(connection, TASK, FIRST)
    assert present is not None
    failed = Fit("boosting", (FIRST, SECOND), 10, 30, "4567", failure="No convergence.")
    kept = Verdict(Decision.RETAINED, present.model_name, present.model_version, "The new fit failed.")
    registry.record(connection, Training(TASK, SECOND, [failed], [], [], kept), MODELS)
    assert registry.champion(connection, TASK, DAY_AFTER) == present
    rows = connection.execute("select has_converged, failure from ml.fit order by as_of_date").fetchall()
    assert rows == [(True, None), (False, "No convergence.")]


def test_a_training_that_cannot_be_written_leaves_the_earlier_one(connection: psycopg.Connection) -> None:
    registry.record(connection, training(FIRST, 1.0), MODELS)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        registry.record(connection, training(FIRST, 2.0, "unheard_of"), MODELS)
    assert weight(connection, FIRST) == 1.0
    assert [count(connection, table) for table in ("fit", "promotion", "backtest")] == [1, 1, 1]


def test_the_version_names_the_artefact() -> None:
    (one,), (same,), (other,) = (training(FIRST, number).fits for number in (1.0, 1.0, 1.1))
    assert one.version(FIRST) == same.version(FIRST) != other.version(FIRST)
    assert one.version(FIRST) != one.version(SECOND)
