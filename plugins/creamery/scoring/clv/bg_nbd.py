"""BG/NBD: purchases at an own rate until the customer silently stops.

Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24 (2), 275-284. Time in days.
"""

import contextlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import autograd.numpy as differentiable
import numpy as np
import pandas as pd
from autograd.scipy.special import gammaln
from lifetimes import BetaGeoFitter
from lifetimes.utils import ConvergenceError
from scipy.special import expit, hyp2f1

from creamery.errors import DropoutNotIdentifiedError, NotConvergedError
from creamery.scoring.clv import nbd
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, Parameters, PastCutoff, column, distinct, integers
from creamery.scoring.clv.record import FitRecord

_STARTS = (None, (-0.5, 0.0, -0.5, 0.5), (-1.0, -2.0, 0.0, 1.0))  # logarithms of r, alpha, a, b; None: lifetimes' own
_LEAST_GAIN = 3.0  # log-likelihood over NBD: chi-square of two parameters at 5 %, halved
_LARGEST, _SMALLEST = 1e4, 1e-4
_AWAY_FROM_POLE = 1e-6


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Rate ~ Gamma(r, alpha days); probability of stopping after each purchase ~ Beta(a, b)."""

    name: ClassVar[str] = "bg_nbd"
    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """Maximum likelihood on distinct (frequency, recency, age). Raises NotConvergedError, and
        DropoutNotIdentifiedError where NBD explains the purchases as well."""
        states = distinct(
            integers(purchases, "frequency"), integers(purchases, "recency_days"), integers(purchases, "age_days")
        )
        frequency, recency, age = (values.astype(np.float64) for values in states.columns)
        return cls.fit_states(frequency, recency, age, states.weights)

    @classmethod
    def fit_states(
        cls, frequency: FloatArray, recency: FloatArray, age: FloatArray, weights: Any
    ) -> tuple[Self, FitRecord]:
        """The same on arrays of shape (states,), in any unit of time; alpha and log-likelihood are in that unit."""
        without_dropout = nbd.Nbd.fit_states(frequency, age, weights)
        floor = nbd.timing_log_likelihood(without_dropout, frequency, age, weights)
        try:
            fitter = _converged(frequency, recency, age, weights)
        except NotConvergedError:
            if _gain_of_dropout(without_dropout, frequency, recency, age, weights) < _LEAST_GAIN:
                raise _not_identified() from None
            raise
        total = weights.sum()
        log_likelihood = float(
            -fitter._negative_log_likelihood_ * total - np.log(age.max()) * (weights * frequency).sum()
        )
        if log_likelihood - floor < _LEAST_GAIN:
            raise _not_identified()
        parameters = {name: float(fitter.params_[name]) for name in ("r", "alpha", "a", "b")}
        _require_sane(parameters)
        errors = {name: float(fitter.standard_errors_[name]) for name in parameters}
        record = FitRecord(cls.name, int(total), len(frequency), log_likelihood, errors)
        return cls(**parameters), record

    def probability_alive(self, purchases: pd.DataFrame) -> FloatArray:
        """P(alive) of shape (rows,): 1 without a repeat purchase (Fader, Hardie & Lee 2008, note 021)."""
        frequency, recency, age = integers(purchases, "frequency"), *_times(purchases)
        log_odds = (self.r + frequency) * np.log((self.alpha + age) / (self.alpha + recency))
        log_odds += np.log(self.a / (self.b + np.maximum(frequency, 1) - 1))
        return np.asarray(np.where(frequency == 0, 1.0, expit(-log_odds)))

    def no_purchase_probability(self, purchases: pd.DataFrame, days: FloatArray | float) -> FloatArray:
        """Probability of no purchase in the `days` after D, one number or one per row; shape (rows,).

        A living customer's rate is Gamma(r + x, alpha + T), whose Laplace transform at `days` is the chance of none;
        nobody leaves before the next purchase, so 1 - P(alive) * (1 - that) is exact.
        """
        frequency, (_, age) = integers(purchases, "frequency"), _times(purchases)
        none_if_alive = ((self.alpha + age) / (self.alpha + age + days)) ** (self.r + frequency)
        return np.asarray(1 - self.probability_alive(purchases) * (1 - none_if_alive))

    def expected_if_alive(self, frequency: Any, age: Any, days: float) -> FloatArray:
        """Expected purchases in the next `days` of customers who are alive; equation (10) without its denominator.

        Euler's transformation of the hypergeometric function keeps it finite at any frequency.
        """
        x, scale = np.asarray(frequency, dtype=np.float64), self.alpha + np.asarray(age, dtype=np.float64)
        less = self.a - 1
        if abs(less) < _AWAY_FROM_POLE:  # 0 / 0 at a = 1, where the expression is smooth
            less = _AWAY_FROM_POLE
        value = _expected(less, self.b, self.r, x, scale, days)
        if np.isnan(value).any():  # scipy cannot where r - a is a whole number and the horizon far
            value = np.where(np.isnan(value), _expected(less + _AWAY_FROM_POLE, self.b, self.r, x, scale, days), value)
        return np.asarray(np.maximum(value, 0.0))

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """Equation (10), shape (rows,); the hypergeometric function once per distinct (frequency, age)."""
        states = distinct(integers(purchases, "frequency"), integers(purchases, "age_days"))
        frequency, age = states.columns
        return self.expected_if_alive(frequency, age, days)[states.index] * self.probability_alive(purchases)

    @property
    def dropout(self) -> tuple[float, float] | None:
        return self.a, self.b

    def to_parameters(self) -> Parameters:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(**parameters)


def _times(purchases: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    return column(purchases, "recency_days"), column(purchases, "age_days")


def _expected(less: float, b: float, r: float, x: FloatArray, scale: FloatArray, days: float) -> FloatArray:
    """With less = a - 1 and scale = alpha + T."""
    limit = less + b + x
    series = hyp2f1(less + b - r, less, limit, days / (scale + days))
    return np.asarray(limit / less * (1 - (scale / (scale + days)) ** less * series))


class _CompressedFitter(BetaGeoFitter):  # type: ignore[misc]
    """The fitter of lifetimes; what depends on the frequency alone is summed over distinct frequencies."""

    def __init__(self, frequency: FloatArray, weights: Any) -> None:
        super().__init__()
        self._distinct, place = np.unique(frequency, return_inverse=True)
        self._counts = np.bincount(place, weights=weights)
        self._is_repeat = frequency > 0

    def _negative_log_likelihood(  # equations of section 7 of the paper
        self, log_params: Any, frequency: Any, recency: Any, age: Any, weights: Any, penalizer: float
    ) -> Any:
        r, alpha, a, b = differentiable.exp(log_params)
        x = self._distinct
        by_frequency = gammaln(r + x) - gammaln(r) + r * differentiable.log(alpha)
        by_frequency = by_frequency + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        alive = -(r + frequency) * differentiable.log(alpha + age)
        repeat = self._is_repeat
        x, log_age = frequency[repeat], differentiable.log((alpha + age[repeat]) / (alpha + recency[repeat]))
        log_odds = differentiable.log(a / (b + x - 1)) + (r + x) * log_age
        total = (self._counts * by_frequency).sum() + (weights * alive).sum()
        total = total + (weights[repeat] * differentiable.logaddexp(0.0, log_odds)).sum()
        return -total / weights.sum()


def _converged(frequency: FloatArray, recency: FloatArray, age: FloatArray, weights: Any) -> BetaGeoFitter:
    for start in _STARTS:
        fitter = _CompressedFitter(frequency, weights)
        # lifetimes prints what did not converge
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return fitter.fit(frequency, recency, age, weights=weights, initial_params=start)
            except (ConvergenceError, np.linalg.LinAlgError):
                continue
    raise NotConvergedError(f"BG/NBD did not converge from any of {len(_STARTS)} starting points; keep the last fit.")


def _gain_of_dropout(
    without: nbd.Nbd, frequency: FloatArray, recency: FloatArray, age: FloatArray, weights: Any
) -> float:
    """Log-likelihood over NBD with its own rate and the best of some typical dropouts."""
    fitter = _CompressedFitter(frequency, weights)
    logs = [
        np.log([without.r, without.alpha, mean * size, (1 - mean) * size])
        for mean in (0.01, 0.05, 0.2, 0.5)
        for size in (1.0, 5.0)
    ]
    values = [-fitter._negative_log_likelihood(each, frequency, recency, age, weights, 0) for each in logs]
    return float(max(values) * weights.sum() - nbd.timing_log_likelihood(without, frequency, age, weights))


def _require_sane(parameters: dict[str, float]) -> None:
    outside = {
        name: value
        for name, value in parameters.items()
        if not np.isfinite(value) or not _SMALLEST <= value <= (np.inf if name == "alpha" else _LARGEST)
    }
    if outside:
        shown = ", ".join(f"{name} {value:.3g}" for name, value in outside.items())
        raise NotConvergedError(f"BG/NBD has degenerate parameters ({shown}); keep the last fit.")


def _not_identified() -> DropoutNotIdentifiedError:
    return DropoutNotIdentifiedError("BG/NBD explains the purchases no better than NBD: use NBD.")
