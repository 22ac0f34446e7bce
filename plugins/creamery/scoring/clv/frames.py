"""Input frames: columns as arrays, distinct states, past cut-offs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from creamery.errors import ScoringError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Parameters = dict[str, Any]  # plain numbers, texts, lists and dicts: what JSON can hold


@dataclass(frozen=True, slots=True)
class States:
    """Distinct rows of some columns: `columns` (each of shape (states,), in ascending order), how many rows have each
    state, and each row's state."""

    columns: tuple[IntArray, ...]
    weights: IntArray
    index: IntArray


@dataclass(frozen=True, slots=True)
class PastCutoff:
    """What was known on a day `days_ago` before D, and what followed; the two frames have the same customers.

    `outcomes` has customer_sk, observed_days and, for a horizon h, purchase_days_next_<h> and value_next_<h>.
    """

    days_ago: int
    purchases: pd.DataFrame
    outcomes: pd.DataFrame

    def is_closed(self, days: int) -> bool:
        """Whether the whole window of so many days had passed for some customer."""
        observed = column(self.outcomes, "observed_days")
        return f"purchase_days_next_{days}" in self.outcomes and bool((observed >= days).any())

    def closed(self, days: int) -> "PastCutoff":
        """The customers whose window of so many days is closed, outcomes in the order of the purchases."""
        outcomes = self.outcomes[column(self.outcomes, "observed_days") >= days]
        purchases = self.purchases[self.purchases["customer_sk"].isin(outcomes["customer_sk"])]
        outcomes = outcomes.set_index("customer_sk").loc[purchases["customer_sk"]].reset_index()
        return replace(self, purchases=purchases.reset_index(drop=True), outcomes=outcomes)

    def seen_from(self, days_ago: int) -> "PastCutoff":
        """The same cut-off as it was known `days_ago` before D: later windows were still open."""
        outcomes = self.outcomes.assign(
            observed_days=np.minimum(column(self.outcomes, "observed_days"), self.days_ago - days_ago)
        )
        return replace(self, days_ago=self.days_ago - days_ago, outcomes=outcomes)


def known_before(history: Sequence[PastCutoff], days_ago: int) -> list[PastCutoff]:
    """The cut-offs that are older than that day, with what was known of them on it."""
    return [each.seen_from(days_ago) for each in history if each.days_ago > days_ago]


def column(frame: pd.DataFrame, name: str) -> FloatArray:
    """A column as float64, missing values as NaN. Raises ScoringError where the frame lacks it."""
    if name not in frame:
        raise ScoringError(f"The frame lacks column {name}.")
    return np.asarray(frame[name].to_numpy(dtype=np.float64, na_value=np.nan))


def integers(frame: pd.DataFrame, name: str) -> IntArray:
    """A column of counts or whole days as int64. Raises ScoringError where it is missing, NaN or negative."""
    values = column(frame, name)
    if not np.all(values >= 0):
        raise ScoringError(f"Column {name} must not be negative or missing.")
    return values.astype(np.int64)


def distinct(*columns: IntArray) -> States:
    """The distinct rows of columns of non-negative integers, all of shape (rows,)."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    sizes = [int(values.max(initial=0)) + 1 for values in columns]
    for values, size in zip(columns, sizes, strict=True):
        key = key * size + values
    index, keys = pd.factorize(key, sort=True)
    rest = np.asarray(keys, dtype=np.int64)
    parts: list[IntArray] = []
    for size in reversed(sizes):
        rest, part = np.divmod(rest, size)
        parts.append(part)
    weights = np.bincount(index, minlength=len(keys)).astype(np.int64)
    return States(tuple(reversed(parts)), weights, index.astype(np.int64))
