"""The model registry in schema ml (sql/ml.sql): fits, back-tests and who serves from which day on."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

_SCORING_FOLDER = Path(__file__).resolve().parents[1] / "scoring"


class Task(StrEnum):
    LIFETIME_VALUE = "lifetime_value"
    CHURN = "churn"
    PROPENSITY = "propensity"
    CLUSTERS = "clusters"


class Decision(StrEnum):
    PROMOTION = "promotion"
    RETAINED = "retained"
    DEMOTION = "demotion"


@dataclass(frozen=True, slots=True)
class Champion:
    """The fit that serves `task`; `parameters` rebuild it."""

    task: Task
    model_name: str
    model_version: str
    as_of_date: date
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit of a training. `failure` says why there are no parameters; `metrics` are numbers for people."""

    model_name: str
    window: tuple[date, date]
    customer_count: int
    row_count: int
    data_fingerprint: str
    parameters: Mapping[str, Any] | None = None
    failure: str | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Of the artefact, or of the failure."""
        return hashlib.sha256(json.dumps(self.parameters or self.failure, sort_keys=True).encode()).hexdigest()

    def version(self, as_of: date) -> str:
        """The same for the same artefact: a training that is repeated finds its fit again."""
        return f"{self.model_name} {as_of} {self.sha256[:8]}"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a back-test: how a model did on the customers of a cut-off."""

    model_name: str
    cutoff_date: date
    horizon_days: int
    population: str
    metric: str
    value: float | None
    row_count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Predicted against realised in one bin of predictions; `coverage` of intervals where the model has them."""

    model_name: str
    cutoff_date: date
    horizon_days: int
    bin: int
    row_count: int
    predicted: float
    realised: float
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a feature has moved since the newest cut-off: under 0.1 is stable, over 0.25 a shift (Siddiqi 2006)."""

    feature: str
    stability_index: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who serves after the training's day, and why. `model_version` None: the baseline, fitted to nothing."""

    decision: Decision
    model_name: str
    model_version: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Training:
    """All that a training of one task leaves behind."""

    task: Task
    as_of_date: date
    fits: Sequence[Fit]
    metrics: Sequence[Metric]
    bins: Sequence[Bin]
    verdict: Verdict
    drifts: Sequence[Drift] = ()


def champion(connection: psycopg.Connection, task: Task, day: date) -> Champion | None:
    """The fit that serves on `day`, by a decision of an earlier day; None where none was, or the baseline serves.

    A training learns from a day that is published, and must not change what was said of it. Only the task's first
    decision serves on its own day too.
    """
    row = connection.execute("select min(as_of_date) from ml.promotion where task = %s", (task,)).fetchone()
    is_first_day = row is not None and row[0] == day
    return _decided_before(connection, task, day + timedelta(days=1) if is_first_day else day)


def incumbent(connection: psycopg.Connection, task: Task, day: date) -> Champion | None:
    """Whom a training on `day` has to beat: not what an earlier training of the same day decided, so that a training
    that is repeated decides the same."""
    return _decided_before(connection, task, day)


def _decided_before(connection: psycopg.Connection, task: Task, day: date) -> Champion | None:
    row = connection.execute(
        "select fit.model_name, fit.model_version, fit.as_of_date, fit.parameters"
        " from ml.promotion left join ml.fit using (fit_id)"
        " where promotion.task = %s and promotion.as_of_date < %s"
        " order by promotion.as_of_date desc, promotion.promotion_id desc limit 1",
        (task, day),
    ).fetchone()
    return Champion(task, *row) if row and row[0] else None


def record(connection: psycopg.Connection, training: Training, models: Iterable[tuple[str, str, bool]]) -> None:
    """Write a training in one transaction, in place of what an earlier one of the same day and task wrote.

    `models` are (name, description, is_baseline) of all that took part.
    """
    key = (training.task, training.as_of_date)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into ml.model (task, model_name, description, is_baseline) values (%s, %s, %s, %s)"
            " on conflict (task, model_name) do update"
            " set description = excluded.description, is_baseline = excluded.is_baseline",
            [(training.task, *model) for model in models],
        )
        cursor.execute("delete from ml.backtest where task = %s and as_of_date = %s", key)
        cursor.execute("delete from ml.calibration where task = %s and as_of_date = %s", key)
        cursor.execute("delete from ml.drift where task = %s and as_of_date = %s", key)
        cursor.execute("delete from ml.promotion where task = %s and as_of_date = %s", key)
        cursor.executemany(_INSERT_FIT, [_fit_row(training, fit) for fit in training.fits])
        cursor.executemany(
            "insert into ml.backtest values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    training.task, each.model_name, training.as_of_date, each.cutoff_date, each.horizon_days,
                    each.population, each.metric, each.value, each.row_count,
                )
                for each in training.metrics
            ],
        )  # fmt: skip
        cursor.executemany(
            "insert into ml.calibration values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    training.task, each.model_name, training.as_of_date, each.cutoff_date, each.horizon_days,
                    each.bin, each.row_count, each.predicted, each.realised, each.coverage,
                )
                for each in training.bins
            ],
        )  # fmt: skip
        cursor.executemany(
            "insert into ml.drift values (%s, %s, %s, %s)",
            [(*key, each.feature, each.stability_index) for each in training.drifts],
        )
        decide(connection, training.task, training.as_of_date, training.verdict)


def decide(connection: psycopg.Connection, task: Task, day: date, verdict: Verdict) -> None:
    """Write whom a training on `day` chose."""
    connection.execute(
        "insert into ml.promotion (task, model_name, fit_id, as_of_date, kind, reason)"
        " values (%s, %s, (select fit_id from ml.fit where model_version = %s), %s, %s, %s)",
        (task, verdict.model_name, verdict.model_version, day, verdict.decision, verdict.reason),
    )


def number(value: float | None) -> float | None:
    """None for what cannot be said: JSON and readers know no NaN."""
    return None if value is None or value != value else float(value)


def plain(value: Any) -> Any:
    """`number` through dicts and sequences, such as the record of a fit."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return number(value) if isinstance(value, float) else value


def code_version() -> str:
    """Hash of the models' source: which code fitted, whatever the deployment calls itself."""
    digest = hashlib.sha256()
    for path in sorted(_SCORING_FOLDER.rglob("*.py")):
        digest.update(path.relative_to(_SCORING_FOLDER).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_INSERT_FIT = """
    insert into ml.fit (
        task, model_name, model_version, as_of_date, window_start_date, window_end_date, customer_count, row_count,
        has_converged, failure, parameters, parameters_sha256, metrics, data_fingerprint, code_version
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (model_version) do update
    set metrics = excluded.metrics, data_fingerprint = excluded.data_fingerprint,
        code_version = excluded.code_version, fitted_at = now()
"""


def _fit_row(training: Training, fit: Fit) -> tuple[Any, ...]:
    return (
        training.task, fit.model_name, fit.version(training.as_of_date), training.as_of_date, *fit.window,
        fit.customer_count, fit.row_count, fit.parameters is not None, fit.failure,
        Jsonb(fit.parameters) if fit.parameters is not None else None, fit.sha256 if fit.parameters else None,
        Jsonb(fit.metrics), fit.data_fingerprint, code_version(),
    )  # fmt: skip
