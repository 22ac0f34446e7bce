"""Before a campaign or an experiment starts: the smallest effect that its size can show. Pure.

Two-sided at 5 %, found in 80 of 100 cases; normal approximation (Fleiss, Statistical Methods for Rates and
Proportions, chapter 3, without continuity correction, as the test that follows has none).
"""

import math
from dataclasses import dataclass

from scipy import stats
from scipy.optimize import brentq

from creamery.audiences.experiment_statistics import SIGNIFICANCE

POWER = 0.80


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """`value`: the smallest difference from `base` that can be shown, in its unit; None where even the largest possible
    one could not."""

    base: float
    value: float | None

    @property
    def relative(self) -> float | None:
        return self.value / self.base if self.value is not None and self.base else None

    def __str__(self) -> str:
        if self.value is None:
            return "too small to show any effect"
        share = f" ({self.relative:+.0%} of {self.base:.4g})" if self.relative is not None else ""
        return f"can show a difference of {self.value:.4g}{share} or more"


def detectable_rate(base_rate: float, customers: int, control_customers: int) -> DetectableEffect:
    """The smallest rise over the control's rate that arms of these sizes show."""
    largest = 1 - base_rate
    if min(customers, control_customers) < 1 or largest <= 0:
        return DetectableEffect(base_rate, None)

    def lacking(effect: float) -> float:
        return effect - _rate_effect_needed(base_rate, base_rate + effect, customers, control_customers)

    if lacking(largest) < 0:
        return DetectableEffect(base_rate, None)
    return DetectableEffect(base_rate, float(brentq(lacking, 0.0, largest)))


def detectable_mean(base: float, deviation: float, customers: int, control_customers: int) -> DetectableEffect:
    """The smallest rise over the control's mean, given the standard deviation among customers."""
    if min(customers, control_customers) < 1:
        return DetectableEffect(base, None)
    return DetectableEffect(base, _z_sum() * deviation * math.sqrt(1 / customers + 1 / control_customers))


def customers_needed(base_rate: float, effect: float) -> int:
    """Customers in each of two equal arms that show a rise of `effect` over `base_rate`."""
    if not (0 <= base_rate < base_rate + effect <= 1):
        raise ValueError(f"a rate of {base_rate} cannot rise by {effect}")
    deviation = _rate_effect_needed(base_rate, base_rate + effect, 1, 1)
    return math.ceil((deviation / effect) ** 2)


def _rate_effect_needed(control: float, rate: float, customers: int, control_customers: int) -> float:
    pooled = (rate * customers + control * control_customers) / (customers + control_customers)
    under_none = math.sqrt(pooled * (1 - pooled) * (1 / customers + 1 / control_customers))
    under_effect = math.sqrt(rate * (1 - rate) / customers + control * (1 - control) / control_customers)
    return _z_of_test() * under_none + _z_of_power() * under_effect


def _z_of_test() -> float:
    return float(stats.norm.isf(SIGNIFICANCE / 2))


def _z_of_power() -> float:
    return float(stats.norm.ppf(POWER))


def _z_sum() -> float:
    return _z_of_test() + _z_of_power()
