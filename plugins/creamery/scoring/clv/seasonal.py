"""Seasons, which BG/NBD does not know: last year's actual over predicted for the same window."""

import numpy as np

from creamery.scoring.clv.frames import FloatArray

_PRIOR_PURCHASES = 50.0  # predicted purchases at which a year's ratio counts half
_LEAST, _MOST = 0.5, 2.0  # last year is one year: more than this is no season


def seasonal_factor(actual: FloatArray, predicted: FloatArray) -> float:
    """From one year ago, of shape (customers,) each: what the window brought, and what the model, fitted then, had
    expected of it. Shrunk towards 1, where it stays without predictions."""
    ratio = (actual.sum() + _PRIOR_PURCHASES) / (predicted.sum() + _PRIOR_PURCHASES)
    return float(np.clip(ratio, _LEAST, _MOST))
