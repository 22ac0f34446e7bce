"""What a training learns from, made by hand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from creamery.modelling.history import History
from tests.scoring import frames
from tests.scoring.clv import transactions

AS_OF = date(2026, 6, 27)
NO_SUBSCRIPTIONS = pd.DataFrame({"age_months": [], "has_ended": [], "count": []})
NO_GAPS = pd.DataFrame({"customer_sk": [], "gap_days": []})


def invented(rows: int) -> History:
    """Three cut-offs and today of a shop that measures everything."""
    features, outcomes = frames.history(rows)
    is_today = features["as_of_date"] == pd.Timestamp(AS_OF)
    return History(
        AS_OF,
        features[is_today].reset_index(drop=True),
        features[~is_today].reset_index(drop=True),
        outcomes[~is_today].reset_index(drop=True),
        NO_SUBSCRIPTIONS,
        NO_GAPS,
    )


def of_purchases(days: pd.DataFrame, subscriptions: pd.DataFrame = NO_SUBSCRIPTIONS, cutoffs: int = 2) -> History:
    """A shop that knows nothing but customer_sk, day and value of its purchases, at AS_OF and every 90 days before."""
    past = [AS_OF - timedelta(days=90 * number) for number in range(1, cutoffs + 1)]
    features = [features_at(days, day) for day in (AS_OF, *past)]
    outcomes = [_outcomes(days, frame, day) for frame, day in zip(features[1:], past, strict=True)]
    return History(
        AS_OF,
        features[0],
        pd.concat(features[1:], ignore_index=True),
        pd.concat(outcomes, ignore_index=True),
        subscriptions,
        _gaps(days[days["day"] <= pd.Timestamp(AS_OF)]),
    )


def _gaps(days: pd.DataFrame) -> pd.DataFrame:
    ordered = days.drop_duplicates(["customer_sk", "day"]).sort_values(["customer_sk", "day"])
    gap_days = ordered.groupby("customer_sk")["day"].diff().dt.days
    return ordered.assign(gap_days=gap_days).dropna(subset=["gap_days"])[["customer_sk", "gap_days"]]


def features_at(days: pd.DataFrame, day: date) -> pd.DataFrame:
    frame = transactions.purchases_at(days, str(day))
    windows = {f"spend_{number}": frame[f"value_{number}"] for number in (30, 90, 365)}
    windows |= {f"orders_{number}": frame[f"purchase_days_{number}"] for number in (30, 90)}
    silence = frame["age_days"] - frame["recency_days"]
    return frame.assign(
        as_of_date=pd.Timestamp(day),
        **windows,
        order_count=frame["frequency"] + 1,
        mean_order_value=frame["first_value"],
        days_since_last_order=silence,
        days_since_last_activity=silence,
        gap_change_percent=np.nan,
        return_share=0.0,
        refund_count_90=0,
        nps_score=np.nan,
        active_subscription_count=0,
    )


def _outcomes(days: pd.DataFrame, features: pd.DataFrame, day: date) -> pd.DataFrame:
    outcomes = transactions.cutoff(days, str(day), str(AS_OF)).outcomes
    ahead = (days["day"] - pd.Timestamp(day)).dt.days
    following = days.assign(ahead=ahead)[(ahead > 0) & (days["day"] <= pd.Timestamp(AS_OF))]
    coming = following.groupby("customer_sk")["ahead"].min()
    return outcomes.assign(
        as_of_date=features["as_of_date"], next_purchase_days=outcomes["customer_sk"].map(coming).astype("float64")
    )
