"""Expected value of a purchase: Gamma-Gamma.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", note 025; Fader, Hardie & Lee (2005), JMR 42.
"""

import contextlib
import io
import warnings
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from lifetimes import GammaGammaFitter
from lifetimes.utils import ConvergenceError

from creamery.errors import NotConvergedError
from creamery.scoring.clv.frames import FloatArray, Parameters, column, integers
from creamery.scoring.clv.record import FitRecord

_LEAST_CUSTOMERS = 30
_LEAST_Q = 1.05  # at 1 the population's mean is infinite
_LARGEST = 1e4
# Of the shrunken mean: own purchases that weigh as much as the shop's mean, and the shape of one purchase's value.
_PRIOR_PURCHASES, _PRIOR_SHAPE = 2.0, 2.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Value of a purchase ~ Gamma(p, rate), rate ~ Gamma(q, v); p and q have no unit, v has the currency.

    Where it cannot be fitted, p and q are assumed and v follows from the mean (`is_fitted` false): its expectation is
    then the mean of the customer's own values shrunk towards the shop's.
    """

    p: float
    q: float
    v: float
    is_fitted: bool = True

    @property
    def mean(self) -> float:
        """Expected value per purchase in the population."""
        return self.p * self.v / (self.q - 1)

    def expected_value(self, purchases: pd.DataFrame) -> FloatArray:
        """Equation (5): per purchase, shape (rows,); the population's mean without a repeat purchase.

        Never negative: a customer whose values sum to a loss counts as one who brought nothing.
        """
        return self._weigh(*_own(purchases))

    def scale(self, purchases: pd.DataFrame) -> FloatArray:
        """v + x m: the customer's scale, by which all of the posterior's spending is multiplied; shape (rows,)."""
        frequency, value = _own(purchases)
        return np.asarray(self.v + frequency * value)

    def to_parameters(self) -> Parameters:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(**parameters)

    def _weigh(self, frequency: FloatArray, value: FloatArray) -> FloatArray:
        return np.asarray(self.p * (self.v + frequency * value) / (self.p * frequency + self.q - 1))


def fit_spending(purchases: pd.DataFrame) -> tuple[GammaGamma, FitRecord]:
    """Gamma-Gamma where it can be fitted, else the shrunken mean, which the record says."""
    frequency, value = integers(purchases, "frequency"), column(purchases, "value_per_purchase")
    is_used = (frequency > 0) & (value > 0)
    rows = pd.DataFrame({"frequency": frequency[is_used], "value": value[is_used]})
    distinct = rows.groupby(["frequency", "value"], sort=True).size().reset_index(name="weight")
    try:
        return fit_gamma_gamma(*(distinct[name].to_numpy() for name in ("frequency", "value", "weight")))
    except NotConvergedError as problem:
        record = FitRecord("mean_value", len(rows), len(distinct), notes=(str(problem),))
        return _shrunken_mean(rows, column(purchases, "first_value")), record


def fit_gamma_gamma(frequency: Any, value: Any, weights: Any) -> tuple[GammaGamma, FitRecord]:
    """Maximum likelihood on distinct positive values, arrays of shape (states,). Raises NotConvergedError."""
    if weights.sum() < _LEAST_CUSTOMERS:
        raise NotConvergedError(f"Gamma-Gamma needs {_LEAST_CUSTOMERS} customers who bought again at a positive value.")
    # As lifetimes does it, else in units of the mean: its search starts near 1, far from some currencies.
    for unit in (1.0, float(np.average(value, weights=weights))):
        if fitter := _converged(frequency, value / unit, weights):
            break
    else:
        raise NotConvergedError("Gamma-Gamma did not converge: the shrunken mean serves.")
    p, q, v = (float(fitter.params_[name]) for name in ("p", "q", "v"))
    if not (np.isfinite(p * q * v) and q >= _LEAST_Q and max(p, q) <= _LARGEST):
        raise NotConvergedError(f"Gamma-Gamma has no usable mean (p {p:.3g}, q {q:.3g}): the shrunken mean serves.")
    errors = {name: float(fitter.standard_errors_[name]) for name in ("p", "q", "v")}
    errors["v"] *= unit
    total = int(weights.sum())
    log_likelihood = float(-fitter._negative_log_likelihood_ * total - total * np.log(unit))
    record = FitRecord("gamma_gamma", total, len(value), log_likelihood, errors)
    return GammaGamma(p, q, v * unit), record


def _converged(frequency: Any, value: Any, weights: Any) -> GammaGammaFitter | None:
    # lifetimes prints what did not converge
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return GammaGammaFitter().fit(frequency, value, weights=weights)
        except (ConvergenceError, np.linalg.LinAlgError):
            return None


def _shrunken_mean(repeaters: pd.DataFrame, first_values: FloatArray) -> GammaGamma:
    """Around the mean repeat purchase; without any, around the mean first purchase; without any of value, zero."""
    positive = first_values[first_values > 0]
    mean = float(positive.mean()) if len(positive) else 0.0
    if len(repeaters):
        mean = float(np.average(repeaters["value"], weights=repeaters["frequency"]))
    q = 1 + _PRIOR_SHAPE * _PRIOR_PURCHASES
    return GammaGamma(_PRIOR_SHAPE, q, mean * _PRIOR_PURCHASES, is_fitted=False)


def _own(purchases: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Frequency and value per repeat purchase, zero where there is none."""
    frequency = integers(purchases, "frequency").astype(np.float64)
    value = np.maximum(np.nan_to_num(column(purchases, "value_per_purchase")), 0.0)
    return frequency, np.where(frequency > 0, value, 0.0)
