"""Frames as the warehouse hands them over, from days on which customers bought; and the published data sets."""

from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd

from creamery.scoring.clv.config import HORIZONS
from creamery.scoring.clv.frames import PastCutoff

_DATASETS = Path(lifetimes.__file__).parent / "datasets"


def cdnow() -> pd.DataFrame:
    """2,357 customers who first bought in the first quarter of 1997, to mid-1998: customer_sk, day, value."""
    names = ["master_id", "customer_sk", "day", "discs", "value"]
    lines = pd.read_csv(_DATASETS / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"day": str})
    return _by_day(lines.assign(day=pd.to_datetime(lines["day"])))


def cdnow_in_weeks() -> pd.DataFrame:
    """The authors' own summary of the same customers: frequency, recency and T in weeks."""
    return pd.read_csv(_DATASETS / "cdnow_customers_summary.csv")


def online_retail(shared_data: Path) -> pd.DataFrame:
    """Customers' clean lines of the wholesaler: customer_sk, day, value (revenue)."""
    lines = pd.read_parquet(shared_data / "data" / "online_retail.parquet")
    lines = lines.rename(columns=str.lower)
    is_clean = (
        lines["customerid"].notna()
        & ~lines["invoiceno"].astype(str).str.startswith("C")
        & (lines["quantity"] > 0)
        & (lines["unitprice"] > 0)
    )
    lines = lines[is_clean]
    return _by_day(
        pd.DataFrame(
            {
                "customer_sk": lines["customerid"].astype("int64"),
                "day": pd.to_datetime(lines["invoicedate"]).dt.normalize(),
                "value": lines["quantity"] * lines["unitprice"].astype("float64"),
            }
        )
    )


def purchases_at(days: pd.DataFrame, at: str) -> pd.DataFrame:
    """The input frame `purchases` at the end of a day."""
    ago = (pd.Timestamp(at) - days["day"]).dt.days
    known = days.assign(ago=ago)[ago >= 0].sort_values(["customer_sk", "day"])
    by = known.groupby("customer_sk")
    is_first = by.cumcount() == 0
    frame = pd.DataFrame({"frequency": by.size() - 1, "recency_days": by["ago"].max() - by["ago"].min()})
    frame["age_days"] = by["ago"].max()
    gaps = known.assign(gap=-by["ago"].diff()).groupby("customer_sk").tail(12)
    frame["last_gap_mean_days"] = gaps.groupby("customer_sk")["gap"].mean()
    frame["value_per_purchase"] = known[~is_first].groupby("customer_sk")["value"].mean()
    frame["first_value"] = known[is_first].groupby("customer_sk")["value"].sum()
    frame["decayed_purchases"] = known.assign(weight=0.5 ** (known["ago"] / 56)).groupby("customer_sk")["weight"].sum()
    for horizon in HORIZONS:
        recent = known[known["ago"] < horizon].groupby("customer_sk")["value"]
        frame[f"purchase_days_{horizon}"] = recent.size()
        frame[f"value_{horizon}"] = recent.sum()
    counts = [name for name in frame if name.startswith(("purchase_days_", "value_")) and name != "value_per_purchase"]
    frame[counts] = frame[counts].fillna(0)
    frame["subscription_value_per_year"] = 0.0
    frame["subscription_age_days"] = np.nan
    return frame.reset_index()


def cutoff(days: pd.DataFrame, at: str, today: str, horizons: tuple[int, ...] = HORIZONS) -> PastCutoff:
    """What was known at `at` and what followed until `today`."""
    purchases = purchases_at(days, at)
    ahead = (days["day"] - pd.Timestamp(at)).dt.days
    observed = (pd.Timestamp(today) - pd.Timestamp(at)).days
    outcomes = pd.DataFrame({"customer_sk": purchases["customer_sk"], "observed_days": observed})
    for horizon in horizons:
        next_days = days[(ahead > 0) & (ahead <= horizon)].groupby("customer_sk")["value"]
        for name, values in (("purchase_days", next_days.size()), ("value", next_days.sum())):
            outcomes[f"{name}_next_{horizon}"] = outcomes["customer_sk"].map(values).fillna(0.0)
    return PastCutoff(observed, purchases, outcomes)


def simulated(customers: int, seed: int = 7, days: int = 1_095) -> pd.DataFrame:
    """Days on which customers of a BG/NBD world bought, values Gamma-Gamma."""
    random = np.random.default_rng(seed)
    first = random.integers(0, days, customers)
    rate = random.gamma(0.6, 1 / 60, customers)
    dropout = random.beta(0.8, 3, customers)
    level = 60 / random.gamma(4, 1 / 3, customers)
    time, alive = first.astype(float), np.ones(customers, dtype=bool)
    rows = [pd.DataFrame({"customer_sk": np.arange(customers), "time": time})]
    while alive.any():
        time = time + random.exponential(1 / rate)
        alive &= time < days
        rows.append(pd.DataFrame({"customer_sk": np.flatnonzero(alive), "time": time[alive]}))
        alive &= random.random(customers) > dropout
    bought = pd.concat(rows, ignore_index=True)
    bought["day"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(bought["time"].astype(int), unit="D")
    bought["value"] = random.gamma(6, 1 / 6, len(bought)) * level[bought["customer_sk"]]
    return _by_day(bought)


def _by_day(lines: pd.DataFrame) -> pd.DataFrame:
    """Several orders of a customer on one day are one."""
    return lines.groupby(["customer_sk", "day"], as_index=False)["value"].sum()
