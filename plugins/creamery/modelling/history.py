"""What a training learns from: buyers as they were known at past cut-offs, and what became of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from creamery.as_of import Moment
from creamery.modelling import frames
from creamery.modelling.frames import KeyRange
from creamery.scoring.clv.frames import PastCutoff

_FEATURES = sql.Identifier("training", "customer_features")
_OUTCOMES = sql.Identifier("training", "customer_outcomes")
_ORDERS = sql.SQL("(select * from star.fact_order where generation_to is null)")
_PAST_ORDERS = sql.SQL("star_past.fact_order")
_STEP_DAYS = 90  # the window on which models are judged: of two neighbours the older is closed when the newer opens
_MOST_CUTOFFS = 8
_LEAST_HISTORY_DAYS = 60
_SAMPLED_CUSTOMERS = 100_000  # more cost time and gain nothing (docs/models.md)
_TIMED_CUSTOMERS = 20_000
_WINDOWS = (30, 56, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class History:
    """Buyers at `as_of`, and at the cut-offs before it stacked, newest first; a sample of them in a large shop.

    `features` and `outcomes` have one row per customer and cut-off, in the same order, with as_of_date as a timestamp.
    `gaps` has customer_sk and gap_days, from each purchase day to the customer's next one.
    """

    as_of: date
    today: pd.DataFrame
    features: pd.DataFrame
    outcomes: pd.DataFrame
    subscriptions: pd.DataFrame
    gaps: pd.DataFrame

    @property
    def cutoffs(self) -> list[date]:
        """Newest first."""
        return [day.date() for day in sorted(self.features["as_of_date"].unique(), reverse=True)]

    @property
    def past(self) -> list[PastCutoff]:
        """The cut-offs one by one, newest first."""
        return [
            PastCutoff((self.as_of - day).days, features, outcomes)
            for day in self.cutoffs
            for features, outcomes in [(_of_day(self.features, day), _of_day(self.outcomes, day))]
        ]

    @property
    def window(self) -> tuple[date, date]:
        """From the first purchase that the features tell of to the training's day."""
        oldest = self.today["age_days"].max() if len(self.today) else 0
        return self.as_of - timedelta(days=int(oldest)), self.as_of

    @property
    def fingerprint(self) -> str:
        """Of the rows: the same data, the same models."""
        digest = hashlib.sha256()
        for frame in (self.today, self.features, self.outcomes):
            digest.update(np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy()).tobytes())
        return digest.hexdigest()[:16]

    def seen_from(self, day: date) -> "History":
        """The cut-offs up to `day` as they would have been known once its judged window had closed."""
        kept = (self.features["as_of_date"] <= pd.Timestamp(day)).to_numpy()
        outcomes = self.outcomes[kept]
        known = (pd.Timestamp(day) + pd.Timedelta(days=_STEP_DAYS) - outcomes["as_of_date"]).dt.days
        outcomes = outcomes.assign(observed_days=np.minimum(outcomes["observed_days"], known))
        return replace(
            self, as_of=day, today=_of_day(self.features, day), features=self.features[kept], outcomes=outcomes
        )


def cutoffs(connection: psycopg.Connection, moment: Moment) -> list[date]:
    """Days before the moment's only one at which models can be judged by what followed, newest first; none in a new
    shop. A past moment's rows have to stand beside the present ones."""
    (as_of,) = moment.days
    orders = _PAST_ORDERS if moment.known_at else _ORDERS
    row = connection.execute(
        sql.SQL("select min(order_date) from {} as orders where customer_sk is not null").format(orders)
    ).fetchone()
    first = row[0] if row and row[0] else as_of
    days = [as_of - timedelta(days=_STEP_DAYS * number) for number in range(1, _MOST_CUTOFFS + 1)]
    return [day for day in days if day >= first + timedelta(days=_LEAST_HISTORY_DAYS)]


def load(connection: psycopg.Connection, as_of: date, cutoff_days: Sequence[date]) -> History:
    """Read what the layer `training` built for these days (orchestration/dbt.py)."""
    customers = frames.count_rows(connection, _FEATURES, as_of)
    keys = frames.sample_range(customers, _SAMPLED_CUSTOMERS)
    today = _purchasers(connection, as_of, keys)
    past = [_purchasers(connection, day, keys) for day in cutoff_days]
    outcomes = [
        _outcomes(connection, day, features, as_of, keys) for day, features in zip(cutoff_days, past, strict=True)
    ]
    empty = today.iloc[:0]
    return History(
        as_of,
        today,
        pd.concat(past, ignore_index=True) if past else empty,
        pd.concat(outcomes, ignore_index=True) if outcomes else _outcomes_of(empty, None, as_of, as_of),
        _subscriptions(connection, as_of),
        _gaps(connection, as_of, frames.sample_range(customers, _TIMED_CUSTOMERS)),
    )


def _purchasers(connection: psycopg.Connection, day: date, keys: KeyRange) -> pd.DataFrame:
    """Those who bought something besides subscriptions."""
    features = frames.read(connection, _FEATURES, day, keys)
    features = features[features["frequency"].notna()].reset_index(drop=True)
    return features.assign(as_of_date=pd.to_datetime(features["as_of_date"]))


def _outcomes(
    connection: psycopg.Connection, day: date, features: pd.DataFrame, as_of: date, keys: KeyRange
) -> pd.DataFrame:
    return _outcomes_of(features, frames.read(connection, _OUTCOMES, day, keys), day, as_of)


def _outcomes_of(features: pd.DataFrame, later: pd.DataFrame | None, day: date, as_of: date) -> pd.DataFrame:
    """One row per row of `features`: who has none in `later` bought nothing more."""
    outcomes = features[["customer_sk", "as_of_date"]]
    counts = [f"{measure}_next_{window}" for window in _WINDOWS for measure in ("purchase_days", "value")]
    if later is None:
        later = pd.DataFrame({name: [] for name in ("customer_sk", "next_purchase_days", *counts)})
    later = later.drop(columns="as_of_date", errors="ignore").astype({"customer_sk": "int64"})
    outcomes = outcomes.merge(later, on="customer_sk", how="left")
    return outcomes.fillna(dict.fromkeys(counts, 0.0)).assign(observed_days=(as_of - day).days)


def _subscriptions(connection: psycopg.Connection, as_of: date) -> pd.DataFrame:
    """age_months, has_ended, count: how long subscriptions ran, by `as_of`."""
    rows = connection.execute(
        "select age_months, has_ended, subscription_count from training.subscription_terms where as_of_date = %s"
        " order by age_months, has_ended",
        (as_of,),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=["age_months", "has_ended", "count"])
    return frame.astype({"has_ended": bool})


def _gaps(connection: psycopg.Connection, as_of: date, keys: KeyRange) -> pd.DataFrame:
    rows = connection.execute(
        "select customer_sk, next_purchase_date - purchase_date from training.customer_purchase_days"
        " where known_from <= %(day)s and known_to > %(day)s and next_purchase_date <= %(day)s"
        " and customer_sk between %(first)s and %(last)s",
        {"day": as_of, "first": keys.first, "last": keys.last},
    ).fetchall()
    return pd.DataFrame(rows, columns=["customer_sk", "gap_days"], dtype="int64")


def _of_day(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    return frame[frame["as_of_date"] == pd.Timestamp(day)].reset_index(drop=True)
