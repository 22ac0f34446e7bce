"""Churn: score and reasons of many customers against the model's own predict, which explains nothing.

The competitor that explains exactly is tree SHAP, whose package is no dependency of ours, so it is not
measured. Predicting is what can be.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from creamery.scoring.additive import informative
from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.score import fit, score
from tests.scoring import frames

Result = TypeVar("Result")

_AS_OF = dt.date(2026, 6, 27)
_TRAINING_CUSTOMERS = 5_000
_ITERATIONS = 100


@dataclass(frozen=True, slots=True)
class Seconds:
    """`predict` is an ordinary gradient boosting of as many trees, with interactions, on the same inputs."""

    rows: int
    score_and_reasons: float
    predict: float
    fit: float

    @property
    def ratio(self) -> float:
        """How many times the bare predictions the whole table costs."""
        return self.score_and_reasons / self.predict


def measure(rows: int) -> Seconds:
    """Seconds for `rows` invented customers, of whom all are scored and explained."""
    features, known = frames.history(_TRAINING_CUSTOMERS)
    fitting, fitted = _timed(lambda: fit(features, known))
    today = _repeated(frames.customers(min(rows, 50_000), 9, _AS_OF), rows)
    scoring, _ = _timed(lambda: score(today, fitted.model, _AS_OF))
    horizon = fitted.model.horizon
    taught = Population.of(features, horizon).inputs
    names = list(informative(taught))
    boosting = HistGradientBoostingClassifier(max_iter=_ITERATIONS, early_stopping=False, random_state=0)
    boosting.fit(taught[names].to_numpy(), known["next_purchase_days"].isna())
    inputs = Population.of(today, horizon).inputs[names].to_numpy()
    predicting, _ = _timed(lambda: boosting.predict_proba(inputs))
    return Seconds(rows, scoring, predicting, fitting)


def _repeated(customers: pd.DataFrame, rows: int) -> pd.DataFrame:
    places = np.arange(rows) % len(customers)
    return customers.iloc[places].reset_index(drop=True).assign(customer_sk=np.arange(rows))


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
