"""Temporal hold-out: what a model would have predicted at a past cut-off, knowing what was known then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from creamery.errors import ScoringError
from creamery.scoring.accuracy import Scorecard, decile_table, scorecard
from creamery.scoring.clv import intervals, purchasing, value
from creamery.scoring.clv.config import DAYS_PER_YEAR, WINDOWS, ClvConfig
from creamery.scoring.clv.frames import FloatArray, PastCutoff, column, known_before
from creamery.scoring.clv.purchasing import GenerativeModel, PurchaseModel
from creamery.scoring.clv.seasonal import in_season, seasonal_factor
from creamery.scoring.clv.spending import fit_spending

Factors = tuple[tuple[int, float], ...]

_YEAR_AGO_DAYS = range(DAYS_PER_YEAR - 7, DAYS_PER_YEAR + 8)  # a cut-off that saw the same season


@dataclass(frozen=True, slots=True)
class PastModel:
    """As `ClvModel`, fitted at a past cut-off."""

    generative: GenerativeModel
    champion: PurchaseModel | None
    judged_days: int

    def expected_purchases(self, purchases: pd.DataFrame, days: int) -> FloatArray:
        presence = value.presence(self.generative, self.champion, purchases, self.judged_days)
        return value.expected_if_alive(self.generative, purchases, days) * presence


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

    A candidate foretells as it would serve: over other windows than the judged one as the generative model spreads its
    purchases, and where the setting says so with the seasonal factors that were known then. Of `history` only older
    cut-offs are used, and of those only windows that were closed by then. Raises ScoringError where the model cannot be
    fitted.
    """
    closed, config = past.closed(days), replace(config, purchase_model=name)
    known = known_before(history, past.days_ago)
    spending, _ = fit_spending(past.purchases)
    model: PurchaseModel | PastModel
    if name in purchasing.GENERATIVE or name in purchasing.BASELINES:
        model, _ = purchasing.kind_of(name).fit(past.purchases, known, config)
    else:
        model = predict_past(past, history, config)
    predicted = _in_season(model, closed.purchases, days, seasonal_factors(known, config))
    actual = column(closed.outcomes, f"purchase_days_next_{days}")
    actual_value = column(closed.outcomes, f"value_next_{days}")
    covered = None
    if not isinstance(model, PastModel) and name in purchasing.GENERATIVE:
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
    generative, _ = purchasing.fit_generative_of(past.purchases, config)
    if config.purchase_model in purchasing.GENERATIVE:
        return PastModel(generative, None, config.judged_days)
    known = known_before(history, past.days_ago)
    champion, _ = purchasing.kind_of(config.purchase_model).fit(past.purchases, known, config)
    return PastModel(generative, champion, config.judged_days)


def seasonal_factors(history: Sequence[PastCutoff], config: ClvConfig) -> Factors:
    """Of the windows under a year, where that is wished, a cut-off of a year ago is known and could be predicted."""
    past = [each for each in history if each.days_ago in _YEAR_AGO_DAYS]
    if not config.is_seasonal or not past:
        return ()
    year_ago = min(past, key=lambda each: abs(each.days_ago - DAYS_PER_YEAR))
    try:
        learned = predict_past(year_ago, history, config)
    except ScoringError:
        return ()
    factors = []
    for days in WINDOWS[:-1]:
        if year_ago.is_closed(days):
            closed = year_ago.closed(days)
            actual = column(closed.outcomes, f"purchase_days_next_{days}")
            factors.append((days, seasonal_factor(actual, learned.expected_purchases(closed.purchases, days))))
    return tuple(factors)


def _in_season(model: PurchaseModel | PastModel, purchases: pd.DataFrame, days: int, factors: Factors) -> FloatArray:
    if not factors:
        return model.expected_purchases(purchases, days)
    windows = [window for window in WINDOWS if window < days]
    return in_season(lambda window: model.expected_purchases(purchases, window), dict(factors), [*windows, days])[days]


def closed_windows(history: Sequence[PastCutoff], horizons: Sequence[int]) -> Iterator[tuple[PastCutoff, int]]:
    """All cut-offs with a closed window: the longest window first, and of its cut-offs the newest."""
    for days in sorted(horizons, reverse=True):
        for past in sorted(history, key=lambda each: each.days_ago):
            if past.is_closed(days):
                yield past, days
