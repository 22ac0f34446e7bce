"""Expected purchases from plain rates: the decayed rate, and the two baselines that every model must beat."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from creamery.errors import TooLittleHistoryError
from creamery.scoring.clv.config import DAYS_PER_YEAR, HORIZONS, ClvConfig
from creamery.scoring.clv.frames import FloatArray, Parameters, PastCutoff, column, integers
from creamery.scoring.clv.record import FitRecord

_HALF_LIFE_DAYS = 56  # that of the column decayed_purchases
_LEAST_AGE_DAYS = 180  # the heuristic takes nobody for younger: a day's rate is no rate
_DAYS_PER_MONTH = 30.44
_RETENTION, _RETENTION_PER_ORDER, _LEAST_RETENTION, _MOST_RETENTION = 0.5, 0.1, 0.3, 0.95


@dataclass(frozen=True, slots=True)
class DecayedRate:
    """Purchases of late count more (half-life 56 days); one factor brings their sum to what past windows saw."""

    name: ClassVar[str] = "decayed_rate"
    factor: float

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """Raises TooLittleHistoryError without a closed window, or without a purchase before them."""
        days = config.judged_days
        past = [each.closed(days) for each in history if each.is_closed(days)]
        predicted = sum(cls(1.0).expected_purchases(each.purchases, days).sum() for each in past)
        actual = sum(column(each.outcomes, f"purchase_days_next_{days}").sum() for each in past)
        if not predicted > 0:
            raise TooLittleHistoryError(f"The decayed rate needs a past cut-off with a closed window of {days} days.")
        customers = sum(len(each.purchases) for each in past)
        return cls(float(actual / predicted)), FitRecord(cls.name, customers, customers)

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """Decayed purchases over the decayed time in which they could happen, times the days; shape (rows,)."""
        # Half a half-life at least, so that the first day is not taken for the customer's rate.
        age = np.maximum(integers(purchases, "age_days"), _HALF_LIFE_DAYS / 2)
        exposure = _HALF_LIFE_DAYS / np.log(2) * (1 - 0.5 ** (age / _HALF_LIFE_DAYS))
        return np.asarray(self.factor * days * column(purchases, "decayed_purchases") / exposure)

    def to_parameters(self) -> Parameters:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(**parameters)


@dataclass(frozen=True, slots=True)
class SameAsLastWindow:
    """Baseline: the next n days bring what the last n days brought."""

    name: ClassVar[str] = "same_as_last_window"

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        return cls(), FitRecord(cls.name, len(purchases), len(purchases))

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """From the shortest window that is long enough, in proportion to the days; shape (rows,)."""
        window = next((each for each in HORIZONS if each >= days), HORIZONS[-1])
        return column(purchases, f"purchase_days_{window}") * (days / window)

    def to_parameters(self) -> Parameters:
        return {}

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls()


@dataclass(frozen=True, slots=True)
class Heuristic:
    """Baseline, and what serves a shop with too little data: the source document's rate times retention.

    A year's retention is guessed from the orders a month, as there. Time passes within it continuously, so that the
    expectation never falls with the horizon and stays under rate / -ln(retention); nobody counts as younger than
    180 days, so that a first order yesterday is not thirty orders a month.
    """

    name: ClassVar[str] = "heuristic"

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        return cls(), FitRecord(cls.name, len(purchases), len(purchases))

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """Shape (rows,)."""
        age = np.maximum(integers(purchases, "age_days"), _LEAST_AGE_DAYS)
        daily = (integers(purchases, "frequency") + 1) / age
        monthly = daily * _DAYS_PER_MONTH
        retention = np.clip(_RETENTION + _RETENTION_PER_ORDER * monthly, _LEAST_RETENTION, _MOST_RETENTION)
        loss = -np.log(retention) / DAYS_PER_YEAR
        return np.asarray(daily * -np.expm1(-loss * days) / loss)

    def to_parameters(self) -> Parameters:
        return {}

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls()
