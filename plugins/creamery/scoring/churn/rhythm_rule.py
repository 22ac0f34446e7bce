"""The source document's rule score, 0 to 100, without its faults.

What it gets wrong, and what stands here instead:
- fixed windows of 30 and 90 days call every slow buyer at risk and notice a daily buyer too late: recency is measured
  against three of the customer's own gaps, and those whose mean gap exceeds 15 days (or is unknown) are compared over
  90 and 365 days;
- a customer of last week has bought little in 90 days: counts are compared over the time lived so far, and within 30
  days of the first purchase the category stays Low;
- one-time buyers are left out: every buyer has a score;
- its frequency trend repeats the frequency points under another name: the trend is that of the gaps;
- refunds beyond the spending are negative and satisfy every 'under a share of' rule: spending is at least 0;
- `astype(int)` cuts decimals off: the score is rounded, halves upwards.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CATEGORIES = ("Low", "Medium", "High", "Critical")
_UPPER_ENDS = (25, 50, 75)

_USUAL_SILENCE = 90  # days, where no rhythm is known
_LEAST_SILENCE, _MOST_SILENCE = 28, 270
_QUICK_GAP = 15  # mean gap in days up to which a window of 30 days can be expected to hold two purchases
_NEW_DAYS = 30
_SLOWER_PERCENT = 50


@dataclass(frozen=True, slots=True, eq=False)
class RuleParts:
    """Points per row: recency 0-30, frequency 0-30, spending 0-25, trend 0-15; `is_new` caps the sum at Low."""

    recency: Floats
    frequency: Floats
    spending: Floats
    trend: Floats
    is_new: NDArray[np.bool_]

    @property
    def score(self) -> NDArray[np.int64]:
        total = np.floor(self.recency + self.frequency + self.spending + self.trend + 0.5).astype(np.int64)
        return np.where(self.is_new, np.minimum(total, _UPPER_ENDS[0]), total)


def rule_parts(features: pd.DataFrame) -> RuleParts:
    gaps = np.where(features["frequency"].to_numpy() >= 2, features["last_gap_mean_days"].to_numpy(float), np.nan)
    limit = np.where(np.isnan(gaps), _USUAL_SILENCE, np.clip(3 * np.nan_to_num(gaps), _LEAST_SILENCE, _MOST_SILENCE))
    is_quick = gaps <= _QUICK_GAP
    share = _short_share(features, is_quick)
    bought = _windows(features, "purchase_days", is_quick)
    spent = _windows(features, "spend", is_quick)
    is_slower = features["gap_change_percent"].to_numpy(float) >= _SLOWER_PERCENT
    spending = _points(*spent, share, (25, 15, 10))
    return RuleParts(
        recency=np.clip(features["days_since_last_order"].to_numpy(float) / limit, 0, 1) * 30,
        frequency=_points(*bought, share, (30, 20, 15)),
        spending=spending,
        trend=np.select([is_slower, spending > 0], [15.0, 10.0], 0.0),
        is_new=features["age_days"].to_numpy() < _NEW_DAYS,
    )


def rhythm_rule(features: pd.DataFrame) -> NDArray[np.int64]:
    """Whole numbers 0 to 100, one per row."""
    return rule_parts(features).score


def category(score: NDArray[np.int64]) -> NDArray[np.object_]:
    """Low up to 25, Medium up to 50, High up to 75, else Critical."""
    return np.array(CATEGORIES, dtype=object)[np.searchsorted(_UPPER_ENDS, score)]


def _windows(features: pd.DataFrame, measure: str, is_quick: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """`measure` in the customer's short window and in the long one."""
    counts = {days: np.nan_to_num(features[f"{measure}_{days}"].to_numpy(float)).clip(0) for days in (30, 90, 365)}
    return np.where(is_quick, counts[30], counts[90]), np.where(is_quick, counts[90], counts[365])


def _short_share(features: pd.DataFrame, is_quick: NDArray[np.bool_]) -> Floats:
    """The share of the long window, as far as the customer lived it, that is the short one."""
    short, long = np.where(is_quick, 30, 90), np.where(is_quick, 90, 365)
    lived = np.minimum(features["age_days"].to_numpy() + 1, long)
    share: Floats = np.minimum(short / np.maximum(lived, 1), 1.0)
    return share


def _points(short: Floats, long: Floats, share: Floats, points: tuple[float, float, float]) -> Floats:
    """Nothing in the long window, nothing in the short one, or under half of what its share would be."""
    return np.select([long == 0, short == 0, short < long * share * 0.5], [float(point) for point in points], 0.0)
