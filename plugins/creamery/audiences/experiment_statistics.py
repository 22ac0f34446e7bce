"""Differences between two arms with their interval and probability. Pure.

Rates: Pearson's chi-square without continuity correction, and Newcombe's interval of the difference from the two
Wilson intervals (Statistics in Medicine 17, 1998, method 10), which holds for rates near 0 as well. Amounts: bootstrap
of the difference of means, since revenue per customer is mostly nothing and now and then much.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]

SIGNIFICANCE = 0.05
BOOTSTRAP_DRAWS = 4_000
_CELLS_AT_A_TIME = 2_000_000  # of the table draws x distinct values: 16 MB


@dataclass(frozen=True, slots=True)
class Difference:
    """What an arm has more than the control, its 95 % interval, and the probability of as much by chance."""

    value: float
    low: float
    high: float
    p_value: float

    def __str__(self) -> str:
        return f"{self.value:+.4g} (95 %: {self.low:+.4g} to {self.high:+.4g})"


def rate_difference(successes: int, customers: int, control_successes: int, control_customers: int) -> Difference:
    """Share of successes less that of the control."""
    rate, control = successes / customers, control_successes / control_customers
    low, high = wilson_interval(successes, customers)
    control_low, control_high = wilson_interval(control_successes, control_customers)
    difference = rate - control
    return Difference(
        difference,
        difference - float(np.hypot(rate - low, control_high - control)),
        difference + float(np.hypot(high - rate, control - control_low)),
        _chi_square_p(successes, customers, control_successes, control_customers),
    )


def wilson_interval(successes: int, customers: int) -> tuple[float, float]:
    """The 95 % score interval of a share."""
    z = float(stats.norm.isf(SIGNIFICANCE / 2))
    rate = successes / customers
    middle = (rate + z**2 / (2 * customers)) / (1 + z**2 / customers)
    half = z * np.sqrt(rate * (1 - rate) / customers + z**2 / (4 * customers**2)) / (1 + z**2 / customers)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def mean_difference(values: FloatArray, control: FloatArray, seed: int, draws: int = BOOTSTRAP_DRAWS) -> Difference:
    """Mean per customer less that of the control, by the percentiles of `draws` bootstrap samples.

    The probability belongs to the interval: it is below 5 % exactly where the interval leaves out 0.
    """
    generator = np.random.default_rng(seed)
    apart = _bootstrap_means(values, generator, draws) - _bootstrap_means(control, generator, draws)
    low, high = np.quantile(apart, [SIGNIFICANCE / 2, 1 - SIGNIFICANCE / 2])
    at_most, at_least = (1 + int((apart <= 0).sum())) / (draws + 1), (1 + int((apart >= 0).sum())) / (draws + 1)
    return Difference(
        float(values.mean() - control.mean()), float(low), float(high), min(1.0, 2 * min(at_most, at_least))
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted probabilities, in the order given: together they err as seldom as one alone."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = largest
    return adjusted


def _chi_square_p(successes: int, customers: int, control_successes: int, control_customers: int) -> float:
    total = successes + control_successes
    if total in (0, customers + control_customers):
        return 1.0  # nobody or everybody: nothing sets them apart
    table = [[successes, customers - successes], [control_successes, control_customers - control_successes]]
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _bootstrap_means(values: FloatArray, generator: np.random.Generator, draws: int) -> FloatArray:
    """By how often each distinct value is drawn: most customers spend nothing, and so the table is narrow."""
    distinct, counts = np.unique(values, return_counts=True)
    shares = counts / len(values)
    means = [
        generator.multinomial(len(values), shares, size=size) @ distinct / len(values)
        for size in _portions(draws, max(1, _CELLS_AT_A_TIME // len(distinct)))
    ]
    return np.concatenate(means)


def _portions(total: int, largest: int) -> Iterator[int]:
    for start in range(0, total, largest):
        yield min(largest, total - start)
