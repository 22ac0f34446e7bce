"""Scores of the days of a run: features in, each customer through the models that served on the day, scores out."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from creamery import publication, settings, warehouse
from creamery.as_of import Moment
from creamery.errors import WarehouseError
from creamery.modelling import configuration, frames, registry
from creamery.modelling.registry import Task
from creamery.scoring import propensity
from creamery.scoring.churn import score as churn
from creamery.scoring.churn.labels import horizon_rule
from creamery.scoring.classifier import Classifier
from creamery.scoring.clusters import ClusterModel
from creamery.scoring.clv import model as clv
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.config import ClvConfig

log = logging.getLogger(__name__)

_UNTRAINED = "untrained"
_SAMPLED_CUSTOMERS = 100_000
_MONTH = timedelta(days=30)

Scorer = Callable[[pd.DataFrame, date], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class _Served:
    """A task's scorer as of one day, and what it calls itself."""

    version: str
    score: Scorer


def score_days(dsn: str, moment: Moment, generation: int) -> dict[str, int]:
    """Score the days of `customer_features` that the moment's layer `features` built; rows by table.

    Raises WarehouseError where the features are not of these days, or a newer run took the generation's place.
    """
    features = sql.Identifier("intermediate_past" if moment.known_at else "intermediate", "customer_features")
    with warehouse.writer(dsn, warehouse.Role.TRANSFORMER, f"scores of {max(moment.days)}") as writer:
        publication.require_open(writer.connection, generation)
        days = list(frames.days_of(writer.connection, features))
        compared = {day - distance for day in moment.days for distance in (timedelta(0), timedelta(days=1), _MONTH)}
        if foreign := set(days) - compared:
            raise WarehouseError(
                f"The features are of another run: {min(foreign)} is among their days, not among those to be scored. "
                "Clear the task build_features."
            )
        with writer.connection.transaction():
            return _score(writer.connection, features, days, set(moment.days))


def _score(
    connection: psycopg.Connection, features: sql.Identifier, days: list[date], built: set[date]
) -> dict[str, int]:
    rows = dict.fromkeys(_TABLES.values(), 0)
    for table in _TABLES.values():
        connection.execute(sql.SQL("truncate {}").format(sql.Identifier("scores", table)))
    for day in days:
        count = frames.count_rows(connection, features, day)
        served = {task: _served(connection, task, features, day, count) for task in Task}
        for task, each in served.items():
            if each and day in built:
                log.info("%s of %s: %s buyers, by %s", task, day, count, each.version)
        for keys in frames.chunk_ranges(count):
            chunk = frames.read(connection, features, day, keys)
            for task, scored in _scored(chunk, served, day):
                if day in built and task in _COMPARED:
                    earlier_day = day - _COMPARED[task].distance
                    earlier = frames.read(connection, features, earlier_day, keys)
                    earlier = _population(task, earlier)
                    scored = _compare(scored, earlier, served[task], earlier_day, _COMPARED[task])
                table = _TABLES[task]
                rows[table] += frames.append(connection, sql.Identifier("scores", table), scored.assign(as_of_date=day))
    return rows


def _scored(chunk: pd.DataFrame, served: dict[Task, _Served | None], day: date) -> Iterator[tuple[Task, pd.DataFrame]]:
    for task, each in served.items():
        population = _population(task, chunk)
        if each and len(population):
            yield task, each.score(population, day).assign(model_version=each.version)


def _population(task: Task, features: pd.DataFrame) -> pd.DataFrame:
    """Subscriptions alone tell nothing about purchases, but they have a value, and an end."""
    if task in (Task.LIFETIME_VALUE, Task.CHURN):
        return features
    return features[features["frequency"].notna()].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The same model's score of an earlier day, beside that of the day."""

    distance: timedelta
    column: str
    compared_column: str


def _compare(
    scored: pd.DataFrame, earlier: pd.DataFrame, served: _Served | None, day: date, comparison: _Comparison
) -> pd.DataFrame:
    assert served is not None
    if earlier.empty:
        return scored
    before = served.score(earlier, day).set_index("customer_sk")[comparison.column]
    return scored.assign(**{comparison.compared_column: scored["customer_sk"].map(before)})


def _served(
    connection: psycopg.Connection, task: Task, features: sql.Identifier, day: date, count: int
) -> _Served | None:
    champion = registry.champion(connection, task, day)
    if champion:
        return _Served(champion.model_version, SCORERS[task](champion.parameters))
    if task not in UNTRAINED_SCORERS or not count:
        return None
    sample = frames.read(connection, features, day, frames.sample_range(count, _SAMPLED_CUSTOMERS))
    return _Served(_UNTRAINED, UNTRAINED_SCORERS[task](sample[sample["frequency"].notna()].reset_index(drop=True)))


def _value_scorer(parameters: Any) -> Scorer:
    return _scorer_of_values(clv.ClvModel.from_parameters(parameters))


def _scorer_of_values(model: clv.ClvModel) -> Scorer:
    config = configuration.of_values(settings.load())
    return lambda features, _: clv.score(features, model, config)


def _churn_scorer(parameters: Any) -> Scorer:
    return _scorer_of_churn(churn.ChurnModel.from_parameters(parameters))


def _scorer_of_churn(model: churn.ChurnModel) -> Scorer:
    def score(features: pd.DataFrame, day: date) -> pd.DataFrame:
        scored = churn.score(features, model, day)
        renamed = {f"churn_factor_code_{place}": f"top_churn_factor_code_{place}" for place in (1, 2, 3)}
        dates = scored["predicted_churn_date"].dt.date
        scored = scored.rename(columns=renamed).assign(predicted_churn_date=dates)
        # Percentiles and categories are of all customers, not of a chunk: marts compute them.
        return scored.drop(
            columns=["churn_percentile", "churn_risk_score", "churn_risk_category", "days_until_predicted_churn"]
        )

    return score


def _propensity_scorer(parameters: Any) -> Scorer:
    classifier = Classifier.from_parameters(parameters["classifier"])
    bg_nbd = BgNbd.from_parameters(parameters["bg_nbd"]) if parameters["bg_nbd"] else None

    def score(features: pd.DataFrame, _: date) -> pd.DataFrame:
        scored = propensity.score(features, classifier, bg_nbd)
        return scored.dropna(subset=["purchase_probability_30"])[["customer_sk", "purchase_probability_30"]]

    return score


def _cluster_scorer(parameters: Any) -> Scorer:
    model = ClusterModel.from_parameters(parameters)
    return lambda features, _: model.assign(features)[["customer_sk", "cluster_number", "cluster_name"]]


def _heuristic(sample: pd.DataFrame) -> Scorer:
    model, _ = clv.fit(sample, [], replace(ClvConfig(), least_repeat_customers=len(sample) + 1))
    return _scorer_of_values(model)


def _rule(sample: pd.DataFrame) -> Scorer:
    return _scorer_of_churn(
        churn.rule_model(sample, horizon_rule(sample, configuration.of_churn(settings.load())), _UNTRAINED)
    )


_TABLES = {
    Task.LIFETIME_VALUE: "customer_value",
    Task.CHURN: "customer_churn",
    Task.PROPENSITY: "customer_propensity",
    Task.CLUSTERS: "customer_cluster",
}
_COMPARED = {
    Task.LIFETIME_VALUE: _Comparison(_MONTH, "predicted_clv_lifetime", "clv_lifetime_30_days_ago"),
    Task.CHURN: _Comparison(timedelta(days=1), "churn_probability", "churn_probability_day_before"),
}
SCORERS: dict[Task, Callable[[Any], Scorer]] = {
    Task.LIFETIME_VALUE: _value_scorer,
    Task.CHURN: _churn_scorer,
    Task.PROPENSITY: _propensity_scorer,
    Task.CLUSTERS: _cluster_scorer,
}
# Until the first training.
UNTRAINED_SCORERS: dict[Task, Callable[[pd.DataFrame], Scorer]] = {
    Task.LIFETIME_VALUE: _heuristic,
    Task.CHURN: _rule,
}
