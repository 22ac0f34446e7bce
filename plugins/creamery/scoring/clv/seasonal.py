"""Seasons, which BG/NBD does not know: last year's actual over predicted for the same window."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from creamery.scoring.clv.frames import FloatArray

_PRIOR_PURCHASES = 50.0  # predicted purchases at which a year's ratio counts half
_LEAST, _MOST = 0.5, 2.0  # last year is one year: more than this is no season


def seasonal_factor(actual: FloatArray, predicted: FloatArray) -> float:
    """From one year ago, of shape (customers,) each: what the window brought, and what the model, fitted then, had
    expected of it. Shrunk towards 1, where it stays without predictions."""
    ratio = (actual.sum() + _PRIOR_PURCHASES) / (predicted.sum() + _PRIOR_PURCHASES)
    return float(np.clip(ratio, _LEAST, _MOST))


def in_season(
    expected: Callable[[int], FloatArray], factors: Mapping[int, float], windows: Iterable[int]
) -> dict[int, FloatArray]:
    """Purchases of each of the ascending windows by its factor, never fewer than of a shorter one."""
    scaled: dict[int, FloatArray] = {}
    before: FloatArray | float = 0.0
    for days in windows:
        before = scaled[days] = np.maximum(before, expected(days) * factors.get(days, 1.0))
    return scaled
