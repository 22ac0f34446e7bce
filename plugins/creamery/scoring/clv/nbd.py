"""NBD: purchases at an own rate, for good (Ehrenberg 1959; Morrison & Schmittlein 1988, JBES 6 (2), 145-159)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from creamery.errors import NotConvergedError
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, Parameters, PastCutoff, distinct, integers
from creamery.scoring.clv.record import FitRecord

_BOUND = 12.0  # of the logarithms: r of 160,000 is a Poisson process for all


@dataclass(frozen=True, slots=True)
class Nbd:
    """Rate ~ Gamma(r, alpha days), and nobody ever stops."""

    name: ClassVar[str] = "nbd"
    r: float
    alpha: float

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """Maximum likelihood on distinct (frequency, age). Raises NotConvergedError."""
        states = distinct(integers(purchases, "frequency"), integers(purchases, "age_days"))
        frequency, age = (values.astype(np.float64) for values in states.columns)
        model = cls.fit_states(frequency, age, states.weights)
        log_likelihood = timing_log_likelihood(model, frequency, age, states.weights)
        return model, FitRecord(cls.name, len(purchases), len(states.weights), log_likelihood)

    @classmethod
    def fit_states(cls, frequency: FloatArray, age: FloatArray, weights: Any) -> Self:
        """The same on arrays of shape (states,), in any unit of time; alpha is in that unit."""
        if not frequency.any() or not age.any():
            raise NotConvergedError("NBD needs repeat purchases and customers older than a day.")
        unit = age.max()
        scaled, counted = age / unit, np.unique(frequency, return_inverse=True)
        distinct_frequency, by_frequency = counted[0], np.bincount(counted[1], weights=weights)
        total, purchases = by_frequency.sum(), (weights * frequency).sum()

        def loss(logs: FloatArray) -> tuple[float, FloatArray]:
            r, alpha = np.exp(logs)
            log_age, inverse = np.log(alpha + scaled), weights * (r + frequency) / (alpha + scaled)
            gammas = (by_frequency * (gammaln(r + distinct_frequency) - gammaln(r))).sum()
            value = gammas + total * r * logs[1] - (weights * (r + frequency) * log_age).sum()
            slope_r = (by_frequency * (digamma(r + distinct_frequency) - digamma(r))).sum()
            slope_r += total * logs[1] - (weights * log_age).sum()
            slope_alpha = total * r / alpha - inverse.sum()
            return -value / total, -np.array([slope_r * r, slope_alpha * alpha]) / total

        start = np.log([1.0, max((weights * scaled).sum() / purchases, 1e-3)])
        bounds = [(-_BOUND, _BOUND)] * 2
        fitted = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13})
        if not fitted.success or not np.isfinite(fitted.fun):
            raise NotConvergedError("NBD did not converge; keep the last fit.")
        r, alpha = np.exp(fitted.x)
        return cls(float(r), float(alpha * unit))

    def probability_alive(self, purchases: pd.DataFrame) -> FloatArray:
        return np.ones(len(purchases))

    def expected_if_alive(self, frequency: Any, age: Any, days: float) -> FloatArray:
        return np.asarray((self.r + frequency) / (self.alpha + age) * days, dtype=np.float64)

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """The posterior mean of the rate, (r + x) / (alpha + T), times the days; shape (rows,)."""
        return self.expected_if_alive(integers(purchases, "frequency"), integers(purchases, "age_days"), days)

    @property
    def dropout(self) -> tuple[float, float] | None:
        return None

    def to_parameters(self) -> Parameters:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(**parameters)


def timing_log_likelihood(model: Nbd, frequency: FloatArray, age: FloatArray, weights: Any) -> float:
    """Log-likelihood of when the purchases happened, comparable with that of BG/NBD."""
    values = gammaln(model.r + frequency) - gammaln(model.r) + model.r * np.log(model.alpha)
    return float((weights * (values - (model.r + frequency) * np.log(model.alpha + age))).sum())
