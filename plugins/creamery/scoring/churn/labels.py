"""What churned and declined mean at a cut-off (spec, section 4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DECLINE_DAYS = 56
_PRIOR_DAYS = 180
_DECLINED_SHARE = 0.25
_GAPS = 3  # mean gaps that a personal horizon spans
SHORTEST_HORIZON, LONGEST_HORIZON = 28, 90


@dataclass(frozen=True, slots=True)
class ChurnConfig:
    """The horizon in days, which the shop sets, and from which median gap down it is personal instead."""

    horizon_days: int = 90
    quick_gap_days: float = 14
    least_rows: int = 200  # to train on, and as many to validate on
    least_of_a_class: int = 20


@dataclass(frozen=True, slots=True)
class HorizonRule:
    """Decided once per fit, so that no customer's horizon depends on who else is scored."""

    days: int
    is_personal: bool

    @property
    def longest(self) -> int:
        """A cut-off is closed once this many days after it have been observed."""
        return LONGEST_HORIZON if self.is_personal else self.days

    def horizons(self, purchases: pd.DataFrame) -> Floats:
        """Days of silence after which each customer counts as churned; whole numbers."""
        if not self.is_personal:
            return np.full(len(purchases), float(self.days))
        gaps = purchases["last_gap_mean_days"].to_numpy(float)
        has_rhythm = (purchases["frequency"].to_numpy() >= 2) & ~np.isnan(gaps)
        return np.where(
            has_rhythm,
            np.clip(np.ceil(_GAPS * np.nan_to_num(gaps)), SHORTEST_HORIZON, LONGEST_HORIZON),
            SHORTEST_HORIZON,
        )

    def to_parameters(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        return cls(int(parameters["days"]), bool(parameters["is_personal"]))


def horizon_rule(purchases: pd.DataFrame, config: ChurnConfig) -> HorizonRule:
    """Personal where the median gap of those who bought again is at most `quick_gap_days`."""
    gaps = purchases.loc[purchases["frequency"] > 0, "last_gap_mean_days"]
    return HorizonRule(config.horizon_days, bool(gaps.median() <= config.quick_gap_days))


def churned(outcomes: pd.DataFrame, horizons: Floats) -> Floats:
    """1 where no purchase came within the horizon, 0 where one did, NaN where the window is not closed.

    A purchase inside a window that is still open does not count either: the early answers are all 'came back'.
    """
    is_silent = ~(outcomes["next_purchase_days"].to_numpy(float) <= horizons)
    return np.where(outcomes["observed_days"].to_numpy() >= horizons, is_silent.astype(float), np.nan)


def declined(purchases: pd.DataFrame, outcomes: pd.DataFrame) -> Floats:
    """1 where purchase days in the next 56 days fall under a quarter of the prior rate, NaN where that says nothing.

    The prior rate is that of the last 180 days, or of the customer's age where that is less, but never of less than 56:
    a customer of yesterday has bought once, not daily. Without a purchase in it there is nothing to decline from.
    """
    prior = _prior_purchases(purchases)
    is_fall = outcomes[f"purchase_days_next_{DECLINE_DAYS}"].to_numpy(float) < _DECLINED_SHARE * prior
    is_known = (outcomes["observed_days"].to_numpy() >= DECLINE_DAYS) & can_decline(purchases)
    return np.where(is_known, is_fall.astype(float), np.nan)


def can_decline(purchases: pd.DataFrame) -> NDArray[np.bool_]:
    return _prior_purchases(purchases) > 0


def _prior_purchases(purchases: pd.DataFrame) -> Floats:
    """Purchase days per 56 days before D."""
    lived = np.clip(purchases["age_days"].to_numpy(float) + 1, DECLINE_DAYS, _PRIOR_DAYS)
    prior: Floats = purchases[f"purchase_days_{_PRIOR_DAYS}"].to_numpy(float) * DECLINE_DAYS / lived
    return prior
