"""CDNOW (Fader & Hardie), 23,570 customers: the frames of the scoring contract at any day, built with pandas."""

import importlib.util
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

END = pd.Timestamp("1998-06-30")
_WINDOWS = (30, 56, 90, 180, 365)
_NOT_KEPT_BY_A_CD_SHOP = (
    *("refund_count_90", "return_share", "engagement_score", "engagement_trend", "mail_opens_90", "mail_clicks_90"),
    *("complaint_count_90", "open_ticket_count", "nps_score", "active_subscription_count", "category_count_365"),
    *("cart_count_30", "discount_share", "subscription_value_per_year", "subscription_age_days"),
)


def purchases() -> pd.DataFrame:
    """One row per order: customer_sk, day, value."""
    package = importlib.util.find_spec("lifetimes")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "datasets" / "CDNOW_master.txt"
    rows = pd.read_csv(file, sep=r"\s+", skiprows=1, names=["customer_sk", "day", "quantity", "value"])
    return rows.assign(day=pd.to_datetime(rows["day"].astype(str), format="%Y%m%d")).drop(columns="quantity")


def features(orders: pd.DataFrame, day: date) -> pd.DataFrame:
    """The frame `features` as of `day`."""
    cut_off = pd.Timestamp(day)
    known = orders[orders["day"] <= cut_off]
    days = known.groupby(["customer_sk", "day"], as_index=False)["value"].sum()
    days["ago"] = (cut_off - days["day"]).dt.days
    days["gap"] = days.groupby("customer_sk")["day"].diff().dt.days
    last_gaps = days.dropna(subset="gap").groupby("customer_sk").tail(12)
    by_customer = days.groupby("customer_sk")
    frame = pd.DataFrame({"frequency": by_customer.size() - 1})
    frame["age_days"] = by_customer["ago"].max()
    frame["recency_days"] = frame["age_days"] - by_customer["ago"].min()
    frame["last_gap_mean_days"] = last_gaps.groupby("customer_sk")["gap"].mean()
    repeats = days[days["gap"].notna()]
    frame["value_per_purchase"] = repeats.groupby("customer_sk")["value"].mean()
    frame["first_value"] = by_customer["value"].first()
    frame["decayed_purchases"] = (0.5 ** (days["ago"] / 56)).groupby(days["customer_sk"]).sum()
    for window in _WINDOWS:
        inside = days[days["ago"] < window].groupby("customer_sk")["value"]
        frame[f"purchase_days_{window}"] = inside.size()
        frame[f"value_{window}"] = frame[f"spend_{window}"] = inside.sum()
    frame["order_count"] = known.groupby("customer_sk").size()
    for window in (30, 90):
        recent = known[known["day"] > cut_off - pd.Timedelta(days=window)]
        frame[f"orders_{window}"] = recent.groupby("customer_sk").size()
    frame["mean_order_value"] = known.groupby("customer_sk")["value"].mean()
    frame["days_since_last_order"] = frame["days_since_last_activity"] = by_customer["ago"].min()
    counted = [name for name in frame if name.startswith(("purchase_days_", "value_", "spend_", "orders_"))]
    frame[counted] = frame[counted].fillna({name: 0 for name in counted if name != "value_per_purchase"})
    frame["gap_change_percent"] = _gap_change(days)
    frame[list(_NOT_KEPT_BY_A_CD_SHOP)] = np.nan
    return frame.reset_index().assign(as_of_date=cut_off)


def outcomes(orders: pd.DataFrame, day: date, end: pd.Timestamp = END) -> pd.DataFrame:
    """The frame `outcomes`: what came after `day`, up to `end`."""
    cut_off = pd.Timestamp(day)
    customers = np.sort(orders.loc[orders["day"] <= cut_off, "customer_sk"].unique())
    later = orders[(orders["day"] > cut_off) & (orders["day"] <= end)]
    days = later.groupby(["customer_sk", "day"], as_index=False)["value"].sum()
    days["ahead"] = (days["day"] - cut_off).dt.days
    frame = pd.DataFrame(index=pd.Index(customers, name="customer_sk"))
    for window in _WINDOWS:
        inside = days[days["ahead"] <= window].groupby("customer_sk")["value"]
        frame[f"purchase_days_next_{window}"] = inside.size().reindex(frame.index).fillna(0)
        frame[f"value_next_{window}"] = inside.sum().reindex(frame.index).fillna(0)
    frame["next_purchase_days"] = days.groupby("customer_sk")["ahead"].min()
    return frame.reset_index().assign(as_of_date=cut_off, observed_days=(end - cut_off).days)


def _gap_change(days: pd.DataFrame) -> pd.Series:
    """The last three gaps' mean against that of the gaps before, in percent."""
    gaps = days.dropna(subset="gap")[["customer_sk", "gap"]]
    is_last = gaps.groupby("customer_sk").cumcount(ascending=False) < 3
    recent, before = (gaps[mask].groupby("customer_sk")["gap"].mean() for mask in (is_last, ~is_last))
    return (recent / before - 1) * 100
