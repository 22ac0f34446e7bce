"""Subscriptions end visibly: their remaining term from survival, apart from purchases.

Shifted-beta-geometric: Fader & Hardie (2007), "How to Project Customer Retention", J. of Interactive Marketing 21 (1),
76-90. Time in whole months of running.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln

from creamery.errors import NotConvergedError
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, IntArray, Parameters, column, integers
from creamery.scoring.clv.record import FitRecord
from creamery.scoring.clv.value import DAYS_PER_MONTH, MONTHS_PER_YEAR

_LARGEST = 1e4
_LEAST_ENDED = 10
_CONSTANT = 1e6  # the size at which a Beta is a constant


@dataclass(frozen=True, slots=True)
class Survival:
    """A subscription ends after each month with a probability of its own ~ Beta(a, b)."""

    a: float
    b: float

    def expected_years(self, purchases: pd.DataFrame, months: Sequence[int], rate: float) -> FloatArray:
        """Discounted years that running subscriptions still bring within each horizon: shape (rows, len(months)).

        A month counts when it is survived, discounted from its end; zero without a subscription. `rate` is a month's.
        """
        return self._years(purchases, months, rate, lambda surviving: surviving)

    def quantile_years(self, purchases: pd.DataFrame, level: float, rate: float) -> FloatArray:
        """The same of one year's months at a quantile of the remaining term: shape (rows,)."""
        is_reached = self._years(
            purchases, [MONTHS_PER_YEAR], rate, lambda surviving: (surviving > 1 - level).astype(np.float64)
        )
        return np.asarray(is_reached[:, 0])

    def surviving(self, age_months: IntArray, months: int) -> FloatArray:
        """P(still running after 1, 2, ... months | running at that age): shape (ages, months); equation (6)."""
        month = age_months[:, None] + np.arange(1, months + 1)
        retained = (self.b + month - 1) / (self.a + self.b + month - 1)
        return np.asarray(np.cumprod(retained, axis=1))

    def ending_within(self, purchases: pd.DataFrame, days: FloatArray) -> FloatArray:
        """P(a subscription that runs at the row's subscription_age_days ends within `days`): shape (rows,).

        Between two ends of months the loss is taken as constant.
        """
        months = days / DAYS_PER_MONTH
        whole = months.astype(np.int64)
        surviving = self.surviving(_age_months(purchases), int(whole.max(initial=0)) + 1)
        surviving = np.c_[np.ones(len(surviving)), surviving]
        rows = np.arange(len(surviving))
        before, after = surviving[rows, whole], surviving[rows, whole + 1]
        return np.asarray(1 - before * (after / before) ** (months - whole))

    def to_parameters(self) -> Parameters:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(**parameters)

    def _years(self, purchases: pd.DataFrame, months: Sequence[int], rate: float, weigh: Any) -> FloatArray:
        is_running = column(purchases, "subscription_value_per_year") > 0
        ages, index = np.unique(_age_months(purchases), return_inverse=True)
        discounts = (1 + rate) ** -np.arange(1.0, months[-1] + 1)
        worth = np.cumsum(weigh(self.surviving(ages, months[-1])) * discounts, axis=1) / MONTHS_PER_YEAR
        return np.asarray(worth[:, [month - 1 for month in months]][index] * is_running[:, None])


def _age_months(purchases: pd.DataFrame) -> IntArray:
    age_days = np.nan_to_num(np.maximum(column(purchases, "subscription_age_days"), 0))
    return np.asarray(age_days // DAYS_PER_MONTH, dtype=np.int64)


def fit_survival(subscriptions: pd.DataFrame | None, config: ClvConfig) -> tuple[Survival, FitRecord]:
    """From age_months (whole months that it ran), has_ended (after them; else it still runs), count.

    A constant monthly loss where the two parameters cannot be told apart or fewer than ten have ended.
    """
    if subscriptions is None:
        subscriptions = pd.DataFrame({"age_months": [], "has_ended": [], "count": []})
    age = integers(subscriptions, "age_months")
    has_ended = np.asarray(subscriptions["has_ended"].to_numpy(dtype=bool))
    count = column(subscriptions, "count")
    age = np.where(has_ended, np.maximum(age, 1), age)  # one that ended at once ended in its first month
    total = int(count.sum())
    try:
        survival, log_likelihood = _shifted_beta_geometric(age, has_ended, count)
    except NotConvergedError as problem:
        loss = _constant_loss(age, has_ended, count, config.monthly_subscription_loss)
        record = FitRecord("constant_loss", total, len(age), notes=(str(problem),))
        return Survival(loss * _CONSTANT, (1 - loss) * _CONSTANT), record
    return survival, FitRecord("shifted_beta_geometric", total, len(age), log_likelihood)


def _shifted_beta_geometric(age: IntArray, has_ended: Any, count: FloatArray) -> tuple[Survival, float]:
    """Equation (5) for those that ended, (6) for those that still run; no term for the age 0."""
    if (count * has_ended).sum() < _LEAST_ENDED:
        raise NotConvergedError(f"Fewer than {_LEAST_ENDED} subscriptions have ended: a constant monthly loss serves.")

    def loss(logs: FloatArray) -> float:
        a, b = np.exp(logs)
        ended = betaln(a + 1, b + age - 1) - betaln(a, b)
        running = betaln(a, b + age) - betaln(a, b)
        return float(-(count * np.where(has_ended, ended, running)).sum() / count.sum())

    fitted = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-9, 12)] * 2, options={"ftol": 1e-12})
    a, b = np.exp(fitted.x)
    if not (fitted.success and max(a, b) < _LARGEST and min(a, b) > 1 / _LARGEST):
        raise NotConvergedError("The shifted-beta-geometric cannot be fitted: a constant monthly loss serves.")
    return Survival(float(a), float(b)), float(-fitted.fun * count.sum())


def _constant_loss(age: IntArray, has_ended: Any, count: FloatArray, prior: float) -> float:
    """Ended over months at risk, with one year of the prior."""
    ended, at_risk = (count * has_ended).sum(), (count * age).sum()
    return float((ended + prior * MONTHS_PER_YEAR) / (at_risk + MONTHS_PER_YEAR))
