"""Discounted expected purchases over the coming months."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from creamery.scoring.clv.config import DAYS_PER_YEAR
from creamery.scoring.clv.frames import FloatArray, distinct, integers
from creamery.scoring.clv.purchasing import GenerativeModel, PurchaseModel

MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR


def monthly_rate(yearly_rate: float) -> float:
    """The rate a month that compounds to the rate a year."""
    return float((1 + yearly_rate) ** (1 / MONTHS_PER_YEAR) - 1)


def discounted(
    expected: Callable[[float], FloatArray],
    months: Sequence[int],
    rate: float,
    days_per_month: float = DAYS_PER_MONTH,
) -> FloatArray:
    """Purchases of the coming months, each month's discounted from its end: shape (rows, len(months)).

    `expected` gives the purchases of the next so many days, of shape (rows,); `months` are ascending horizons; `rate`
    is a month's. Non-decreasing along a row: an expectation that rounding lets fall takes nothing back.
    """
    before = expected(0.0)
    total = np.zeros_like(before)
    horizons = []
    for month in range(1, months[-1] + 1):
        until = np.maximum(expected(month * days_per_month), before)
        total = total + (until - before) / (1 + rate) ** month
        before = until
        if month in months:
            horizons.append(total)
    return np.column_stack(horizons)


def discounted_if_alive(
    model: GenerativeModel,
    purchases: pd.DataFrame,
    months: Sequence[int],
    rate: float,
    days_per_month: float = DAYS_PER_MONTH,
) -> FloatArray:
    """`discounted` for customers who are alive, once per distinct (frequency, age): shape (rows, len(months))."""
    states = distinct(integers(purchases, "frequency"), integers(purchases, "age_days"))
    frequency, age = states.columns
    per_state = discounted(lambda days: model.expected_if_alive(frequency, age, days), months, rate, days_per_month)
    return np.asarray(per_state[states.index])


def expected_if_alive(model: GenerativeModel, purchases: pd.DataFrame, days: float) -> FloatArray:
    """Purchases of the next `days` of customers who are alive, shape (rows,)."""
    states = distinct(integers(purchases, "frequency"), integers(purchases, "age_days"))
    frequency, age = states.columns
    return np.asarray(model.expected_if_alive(frequency, age, days)[states.index])


def presence(
    model: GenerativeModel, champion: PurchaseModel | None, purchases: pd.DataFrame, judged_days: int
) -> FloatArray:
    """What expectations of customers who are alive are multiplied by: P(alive), shape (rows,).

    With a champion that is not generative, the number with which the generative model meets the champion's purchases
    at the horizon it was judged on (above 1 where the champion expects more than of anybody alive): the champion says
    how much, the generative model how it spreads over time.
    """
    if champion is None:
        return model.probability_alive(purchases)
    champions = champion.expected_purchases(purchases, judged_days)
    return np.asarray(champions / expected_if_alive(model, purchases, judged_days))
