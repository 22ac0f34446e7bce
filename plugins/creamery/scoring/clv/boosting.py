"""Poisson gradient boosting without interactions, kept as an additive table of plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from creamery.errors import TooLittleHistoryError
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, IntArray, Parameters, PastCutoff, column
from creamery.scoring.clv.record import FitRecord

FEATURES = (
    "frequency",
    "age_days",
    "days_since_purchase",
    "silence_in_gaps",
    "last_gap_mean_days",
    "decayed_purchases",
    "purchase_days_30",
    "purchase_days_90",
    "purchase_days_180",
    "purchase_days_365",
    "value_per_purchase",
)
_BINS = 32
_LEAST_ROWS = 200


@dataclass(frozen=True, slots=True)
class AdditiveBoosting:
    """log E[purchases in `days`] = intercept + sum over features of steps[feature][bin of its value].

    `edges` are ascending, per feature; a value belongs to the bin of how many edges it is not below; one more bin, the
    last, is for missing values.
    """

    name: ClassVar[str] = "boosting"
    days: int
    intercept: float
    edges: dict[str, tuple[float, ...]]
    steps: dict[str, tuple[float, ...]]

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """Learn on all past cut-offs with a closed window of `config.judged_days`.

        Raises TooLittleHistoryError with fewer than 200 rows, or when nobody bought.
        """
        days = config.judged_days
        values, actual = _training_rows(history, days, config.most_training_rows)
        if len(actual) < _LEAST_ROWS or not actual.sum() > 0:
            raise TooLittleHistoryError(
                f"Boosting needs {_LEAST_ROWS} customers with closed windows of {days} days and a purchase among them."
            )
        edges = {name: _edges(values[name]) for name in FEATURES}
        bins = _bins(values, edges)
        booster = HistGradientBoostingRegressor(
            loss="poisson",
            interaction_cst="no_interactions",
            learning_rate=0.1,
            max_iter=100,
            max_leaf_nodes=4,
            min_samples_leaf=max(20, len(actual) // 500),
            early_stopping=False,
            random_state=config.seed,
        )
        # Thousands of small steps: threads that wait for each other on a busy machine cost ten times the work.
        with threadpool_limits(limits=1, user_api="openmp"):
            intercept, steps = _tables(booster.fit(bins, actual), edges)
        return cls(days, intercept, edges, steps), FitRecord(cls.name, len(actual), len(actual))

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """Shape (rows,); days other than those learned on in proportion."""
        bins = _bins(_features(purchases), self.edges)
        logs = np.full(len(purchases), self.intercept)
        for place, name in enumerate(FEATURES):
            logs += np.asarray(self.steps[name])[bins[:, place]]
        return np.asarray(np.exp(logs) * (days / self.days))

    def to_parameters(self) -> Parameters:
        tables = {name: {"edges": list(self.edges[name]), "steps": list(self.steps[name])} for name in FEATURES}
        return {"days": self.days, "intercept": self.intercept, "tables": tables}

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        tables = parameters["tables"]
        edges = {name: tuple(tables[name]["edges"]) for name in FEATURES}
        steps = {name: tuple(tables[name]["steps"]) for name in FEATURES}
        return cls(parameters["days"], parameters["intercept"], edges, steps)


def _training_rows(history: Sequence[PastCutoff], days: int, most: int) -> tuple[dict[str, FloatArray], FloatArray]:
    """Features and purchases of all closed windows; of too many rows an even sample, whatever their order."""
    past = [each.closed(days) for each in history if each.is_closed(days)]
    if not past:
        return {}, np.empty(0)
    rows = pd.concat([each.purchases.assign(_days_ago=each.days_ago) for each in past], ignore_index=True)
    actual = np.concatenate([column(each.outcomes, f"purchase_days_next_{days}") for each in past])
    order = np.lexsort((rows["_days_ago"].to_numpy(), rows["customer_sk"].to_numpy()))
    chosen = order[:: -(-len(order) // most)]
    return _features(rows.iloc[chosen]), actual[chosen]


def _features(purchases: pd.DataFrame) -> dict[str, FloatArray]:
    silence = column(purchases, "age_days") - column(purchases, "recency_days")
    gap = column(purchases, "last_gap_mean_days")
    own = {"days_since_purchase": silence, "silence_in_gaps": silence / np.maximum(gap, 1)}
    return {name: own[name] if name in own else column(purchases, name) for name in FEATURES}


def _edges(values: FloatArray) -> tuple[float, ...]:
    known = values[~np.isnan(values)]
    if not len(known):
        return ()
    quantiles = np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1], method="higher")
    return tuple(float(each) for each in np.unique(quantiles))


def _bins(values: dict[str, FloatArray], edges: dict[str, tuple[float, ...]]) -> IntArray:
    bins = np.empty((len(values[FEATURES[0]]), len(FEATURES)), dtype=np.int64)
    for place, name in enumerate(FEATURES):
        found = np.searchsorted(np.asarray(edges[name]), values[name], side="right")
        bins[:, place] = np.where(np.isnan(values[name]), len(edges[name]) + 1, found)
    return bins


def _tables(
    fitted: HistGradientBoostingRegressor, edges: dict[str, tuple[float, ...]]
) -> tuple[float, dict[str, tuple[float, ...]]]:
    """Without interactions one feature's effect is the same at any value of the others: ask for each bin alone."""
    nothing = np.zeros((1, len(FEATURES)), dtype=np.int64)
    intercept = float(np.log(fitted.predict(nothing)[0]))
    steps = {}
    for place, name in enumerate(FEATURES):
        asked = np.repeat(nothing, len(edges[name]) + 2, axis=0)
        asked[:, place] = np.arange(len(asked))
        steps[name] = tuple(float(each) for each in np.log(fitted.predict(asked)) - intercept)
    return intercept, steps
