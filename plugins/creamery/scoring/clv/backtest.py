"""Temporal hold-out: what a model would have predicted at a past cut-off, knowing what was known then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from creamery.scoring.accuracy import Scorecard, decile_table, scorecard
from creamery.scoring.clv import intervals, purchasing
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, PastCutoff, column, known_before
from creamery.scoring.clv.purchasing import GenerativeModel, PurchaseModel
from creamery.scoring.clv.spending import fit_spending


@dataclass(frozen=True, slots=True)
class PastModel:
    """As `ClvModel`, fitted at a past cut-off."""

    generative: GenerativeModel
    champion: PurchaseModel | None

    def expected_purchases(self, purchases: pd.DataFrame, days: int) -> FloatArray:
        return (self.champion or self.generative).expected_purchases(purchases, days)


@dataclass(frozen=True, slots=True)
class BackTest:
    """One model on one closed window. `deciles` (accuracy.decile_table) is by predicted purchases, with the coverage
    of the intervals of value where the model has them; `interval_coverage` is without widening (NaN: no intervals)."""

    model: str
    days_ago: int
    days: int
    purchases: Scorecard
    value: Scorecard
    deciles: pd.DataFrame
    interval_coverage: float


def back_test(name: str, past: PastCutoff, history: Sequence[PastCutoff], days: int, config: ClvConfig) -> BackTest:
    """Fit the model of that name (a candidate or a baseline) at `past` and compare with what followed.

    Of `history` only older cut-offs are used, and of those only windows that were closed by then. Raises ScoringError
    where the model cannot be fitted.
    """
    closed = past.closed(days)
    model, _ = purchasing.kind_of(name).fit(past.purchases, known_before(history, past.days_ago), config)
    spending, _ = fit_spending(past.purchases)
    predicted = model.expected_purchases(closed.purchases, days)
    actual = column(closed.outcomes, f"purchase_days_next_{days}")
    actual_value = column(closed.outcomes, f"value_next_{days}")
    covered = None
    if name in purchasing.GENERATIVE:
        generative = purchasing.generative_from_parameters(purchasing.to_parameters(model))
        prediction = intervals.Prediction(closed.purchases, generative.probability_alive(closed.purchases), days)
        covered = intervals.coverage(generative, spending, prediction, actual_value, 1.0, config).covered
    return BackTest(
        name,
        past.days_ago,
        days,
        scorecard(predicted, actual),
        scorecard(predicted * spending.expected_value(closed.purchases), actual_value),
        decile_table(predicted, actual, covered),
        np.nan if covered is None else float(covered.mean()),
    )


def predict_past(past: PastCutoff, history: Sequence[PastCutoff], config: ClvConfig) -> PastModel:
    """The configured champion as it would have been fitted at that cut-off. Raises ScoringError."""
    generative, _ = purchasing.fit_generative(past.purchases, config)
    if config.purchase_model in purchasing.GENERATIVE:
        return PastModel(generative, None)
    known = known_before(history, past.days_ago)
    champion, _ = purchasing.kind_of(config.purchase_model).fit(past.purchases, known, config)
    return PastModel(generative, champion)


def closed_windows(history: Sequence[PastCutoff], horizons: Sequence[int]) -> Iterator[tuple[PastCutoff, int]]:
    """All cut-offs with a closed window: the longest window first, and of its cut-offs the newest."""
    for days in sorted(horizons, reverse=True):
        for past in sorted(history, key=lambda each: each.days_ago):
            if past.is_closed(days):
                yield past, days
