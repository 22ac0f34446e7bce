"""Lifetime value against lifetimes as its documentation uses it: one row per customer."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter

from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.spending import GammaGamma, fit_spending
from creamery.scoring.clv.value import discounted_if_alive

_MONTHS, _MONTHLY_RATE = 12, 0.01
_LIFETIMES_MONTH_DAYS = 30  # its month of days
_DAYS = 1_095
_Result = TypeVar("_Result")


def customers(count: int, seed: int = 1) -> pd.DataFrame:
    """So many customers of three years of a BG/NBD world, values Gamma-Gamma in cents: the columns that fits read."""
    random = np.random.default_rng(seed)
    age = random.integers(1, _DAYS, count)
    rate, dropout = random.gamma(0.6, 1 / 60, count), random.beta(0.8, 3, count)
    frequency, recency, time_now = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
    alive = np.ones(count, dtype=bool)
    while alive.any():
        time_now = time_now + np.maximum(1, np.rint(random.exponential(1 / rate)))
        alive &= time_now <= age
        frequency += alive
        recency = np.where(alive, time_now, recency)
        alive &= random.random(count) > dropout
    level = 60 / random.gamma(4, 1 / 3, count)
    value = np.round(random.gamma(6 * np.maximum(frequency, 1)) / (6 * np.maximum(frequency, 1)) * level, 2) + 0.01
    return pd.DataFrame(
        {
            "customer_sk": np.arange(count),
            "frequency": frequency,
            "recency_days": recency.astype(np.int64),
            "age_days": age,
            "value_per_purchase": np.where(frequency > 0, value, np.nan),
            "first_value": level,
        }
    )


def fit_ratio(purchases: pd.DataFrame) -> float:
    """BG/NBD and Gamma-Gamma: seconds of lifetimes over ours. Raises AssertionError where a parameter
    differs by more than 1e-6 of it."""
    raw, theirs = _timed(lambda: _lifetimes_fit(purchases))
    compressed, ours = _timed(lambda: (BgNbd.fit(purchases, (), ClvConfig()), fit_spending(purchases)))
    (model, _), (spending, _) = compressed
    for own, fitter in zip((model, spending), raw, strict=True):
        for name, parameter in fitter.params_.items():
            difference = abs(getattr(own, name) / parameter - 1)
            _require(difference < 1e-6, f"{name} differs by {difference:.1e}")
    return theirs / ours


def value_ratio(purchases: pd.DataFrame) -> float:
    """Twelve months' value of all: seconds of lifetimes' function over ours. Raises AssertionError where a customer's
    value differs by more than 1e-9 of it."""
    model, spending = BgNbd(0.6, 60.0, 0.8, 3.0), GammaGamma(6.0, 4.0, 15.0)
    theirs_model, theirs_spending = BetaGeoFitter(), GammaGammaFitter()
    theirs_model.params_ = pd.Series(model.to_parameters())
    theirs_model.predict = theirs_model.conditional_expected_number_of_purchases_up_to_time
    theirs_spending.params_ = pd.Series({"p": spending.p, "q": spending.q, "v": spending.v})
    rows = purchases.fillna({"value_per_purchase": 0.0})
    theirs, their_seconds = _timed(
        lambda: theirs_spending.customer_lifetime_value(
            theirs_model,
            rows["frequency"],
            rows["recency_days"],
            rows["age_days"],
            rows["value_per_purchase"],
            time=_MONTHS,
            discount_rate=_MONTHLY_RATE,
        )
    )
    ours, our_seconds = _timed(lambda: _values(model, spending, purchases))
    difference = np.abs(ours - theirs.to_numpy()) / theirs.to_numpy()
    _require(float(difference.max()) < 1e-9, f"values differ by {difference.max():.1e}")
    return their_seconds / our_seconds


def _lifetimes_fit(purchases: pd.DataFrame) -> tuple[BetaGeoFitter, GammaGammaFitter]:
    bg_nbd = BetaGeoFitter().fit(purchases["frequency"], purchases["recency_days"], purchases["age_days"])
    repeat = purchases[purchases["frequency"] > 0]
    return bg_nbd, GammaGammaFitter().fit(repeat["frequency"], repeat["value_per_purchase"])


def _values(model: BgNbd, spending: GammaGamma, purchases: pd.DataFrame) -> np.ndarray:
    if_alive = discounted_if_alive(model, purchases, [_MONTHS], _MONTHLY_RATE, _LIFETIMES_MONTH_DAYS)[:, 0]
    return if_alive * model.probability_alive(purchases) * spending.expected_value(purchases)


def _timed(run: Callable[[], _Result]) -> tuple[_Result, float]:
    started = time.monotonic()
    result = run()
    return result, time.monotonic() - started


def _require(is_true: bool, problem: str) -> None:
    if not is_true:
        raise AssertionError(problem)
