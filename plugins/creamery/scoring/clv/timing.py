"""Do customers buy at regular times? Decides that no regular-timing model is needed (spec, section 3)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import digamma

from creamery.scoring.clv.frames import FloatArray, IntArray, column

LEAST_EXCESS = 0.5
_LEAST_GAPS = 2
_SHAPES = (1e-3, 1e4)


@dataclass(frozen=True, slots=True)
class Timing:
    """Gamma shape of the gaps between purchases, and the one that the same estimate gives when purchases come at
    random (the estimate has a bias with few gaps each, and days are whole). NaN: too few gaps to say."""

    shape: float
    poisson_shape: float
    gaps: int

    @property
    def is_regular(self) -> bool:
        return self.shape > self.poisson_shape + LEAST_EXCESS

    def __str__(self) -> str:
        if not self.gaps:
            return "Too few gaps between purchases to say how regular they are."
        verdict = "regular: consider a regular-timing model" if self.is_regular else "no regular-timing model needed"
        return f"Gamma shape of gaps {self.shape:.2f}, by chance {self.poisson_shape:.2f}: {verdict}."


def timing_of(gaps: pd.DataFrame, seed: int = 1) -> Timing:
    """From one row per gap with customer_sk and gap_days (days from a purchase day to the next, 1 or more); of
    customers with two gaps or more, each with a scale of their own."""
    known = gaps[gaps.groupby("customer_sk")["gap_days"].transform("size") >= _LEAST_GAPS]
    if known.empty:
        return Timing(np.nan, np.nan, 0)
    known = known.sort_values(["customer_sk", "gap_days"])  # the same null whatever the order of rows
    customer = pd.factorize(known["customer_sk"])[0].astype(np.int64)
    days = column(known, "gap_days")
    return Timing(_shape(customer, days), _shape(customer, _at_random(customer, days, seed)), len(known))


def _shape(customer: IntArray, gaps: FloatArray) -> float:
    """Maximum likelihood with the scales profiled out: log k - digamma(k) = mean of log(own mean) - log(gap)."""
    counts = np.bincount(customer)
    means = np.bincount(customer, weights=gaps) / counts
    spread = float(np.mean(np.log(means[customer]) - np.log(gaps)))

    def excess(shape: float) -> float:
        return float(np.log(shape) - digamma(shape)) - spread

    low, high = _SHAPES
    if excess(high) > 0:  # all gaps alike
        return high
    return float(brentq(excess, low, high))


def _at_random(customer: IntArray, gaps: FloatArray, seed: int) -> FloatArray:
    """Gaps of purchases that fall at random within each customer's own time, in whole days."""
    draws = np.random.default_rng(seed).exponential(size=len(gaps))
    spans, drawn = np.bincount(customer, weights=gaps), np.bincount(customer, weights=draws)
    return np.maximum(np.rint(draws * (spans / drawn)[customer]), 1.0)
