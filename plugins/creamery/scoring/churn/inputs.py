"""What the churn models see of a customer: float columns, grouped by the story they tell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring.churn.labels import HorizonRule

_TRENDS = {"decreasing": -1.0, "stable": 0.0, "increasing": 1.0}

# Features of one group move together, so that their contributions are only meaningful added up.
GROUPS: dict[str, tuple[str, ...]] = {
    "rhythm": (
        *("days_since_last_order", "last_gap_mean_days", "gap_change_percent", "silence_in_gaps", "horizon_days"),
        *("age_days", "recency_days", "days_since_last_activity"),
    ),
    "orders": (
        *("frequency", "order_count", "orders_30", "orders_90", "decayed_purchases", "category_count_365"),
        *(f"purchase_days_{days}" for days in (30, 56, 90, 180, 365)),
    ),
    "spending": (
        *("spend_30", "spend_90", "spend_365", "mean_order_value", "value_per_purchase", "first_value"),
        *("discount_share", *(f"value_{days}" for days in (30, 90, 180, 365))),
    ),
    "engagement": (*("engagement_score", "engagement_trend", "mail_opens_90", "mail_clicks_90", "cart_count_30"),),
    "service": ("complaint_count_90", "open_ticket_count", "nps_score", "refund_count_90", "return_share"),
    "subscription": ("active_subscription_count", "subscription_value_per_year", "subscription_age_days"),
}
INPUTS = tuple(name for names in GROUPS.values() for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Customers at their cut-offs, with what is derived once for all candidates."""

    features: pd.DataFrame
    inputs: pd.DataFrame
    horizons: NDArray[np.float64]

    @classmethod
    def of(cls, features: pd.DataFrame, rule: HorizonRule) -> "Population":
        horizons = rule.horizons(features)
        return cls(features, _inputs(features, horizons), horizons)

    def where(self, mask: NDArray[np.bool_]) -> "Population":
        return Population(self.features[mask], self.inputs[mask], self.horizons[mask])

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        """Without a purchase for the whole horizon already."""
        return self.features["days_since_last_order"].to_numpy(float) >= self.horizons

    @property
    def is_subscribed(self) -> NDArray[np.bool_]:
        """With a subscription that runs."""
        return self.inputs["active_subscription_count"].to_numpy() > 0

    @property
    def is_gone(self) -> NDArray[np.bool_]:
        """Silent, and without a subscription that runs."""
        return self.is_silent & ~self.is_subscribed


def _inputs(features: pd.DataFrame, horizons: NDArray[np.float64]) -> pd.DataFrame:
    """Columns INPUTS; one that the frame lacks is missing for everybody."""
    gap = features["last_gap_mean_days"].to_numpy(float)
    derived = {
        "silence_in_gaps": features["days_since_last_order"].to_numpy(float) / np.maximum(gap, 1.0),
        "horizon_days": horizons,
    }
    if "engagement_trend" in features:
        derived["engagement_trend"] = features["engagement_trend"].map(_TRENDS).to_numpy(float)
    nothing = np.full(len(features), np.nan)
    columns = {
        name: derived[name]
        if name in derived
        else features[name].to_numpy(dtype=float, na_value=np.nan)
        if name in features
        else nothing
        for name in INPUTS
    }
    return pd.DataFrame(columns, index=features.index)
