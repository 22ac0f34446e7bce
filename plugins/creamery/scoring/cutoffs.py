"""Which past cut-offs train, calibrate and validate: never shuffled across time, never a window that is not closed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

MOST_ROWS = 100_000
_CALIBRATING_FIFTH = 5


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Masks over the rows, disjoint; `validation_date` is the newest cut-off whose window is closed."""

    training: Mask
    calibration: Mask
    validation: Mask
    validation_date: pd.Timestamp

    @property
    def used(self) -> Mask:
        return self.training | self.calibration | self.validation

    def among(self, kept: Mask) -> "Split":
        """The masks over the rows of `kept` alone."""
        return Split(self.training[kept], self.calibration[kept], self.validation[kept], self.validation_date)


_KEYS = ["customer_sk", "as_of_date"]


def teaching_rows(
    features: pd.DataFrame, outcomes: pd.DataFrame, window_days: int
) -> tuple[pd.DataFrame, Split | None]:
    """The rows that a fit may look at, features beside outcomes, and their split.

    No window among them is open. Their number has a bound, so a fit does not cost more in a larger shop; their order is
    that of the keys, so it does not depend on the order of the frames. Without a split: a sample of all.
    """
    windows = outcomes.merge(features[_KEYS], on=_KEYS, validate="one_to_one")
    windows = windows[windows["observed_days"] >= window_days].sort_values(_KEYS, ignore_index=True)
    parts = split(windows, window_days)
    kept = parts.used if parts else _sampled(windows["customer_sk"], np.ones(len(windows), dtype=bool))
    return windows[kept].merge(features, on=_KEYS, validate="one_to_one"), parts.among(kept) if parts else None


def split(rows: pd.DataFrame, window_days: int) -> Split | None:
    """Split `rows` (customer_sk, as_of_date, observed_days) by their cut-offs; None under two usable ones.

    Validation is the newest cut-off with a closed window. Only cut-offs whose windows had closed by then may teach: the
    newest of them calibrates and the older ones train. One alone does both, a fifth of its customers calibrating. Each
    part has at most MOST_ROWS rows: whole customers, the same ones in every run.
    """
    closed = rows["observed_days"].to_numpy() >= window_days
    days = pd.to_datetime(rows["as_of_date"])
    cut_offs = sorted(days[closed].unique())
    teaching = [day for day in cut_offs if day + pd.Timedelta(days=window_days) <= cut_offs[-1]]
    if not teaching:
        return None
    customers = rows["customer_sk"]
    calibration = closed & (days == teaching[-1]).to_numpy()
    if teaching[:-1]:
        training = closed & days.isin(teaching[:-1]).to_numpy()
    else:
        is_fifth = customer_hash(customers) % _CALIBRATING_FIFTH == 0
        training, calibration = calibration & ~is_fifth, calibration & is_fifth
    validation = closed & (days == cut_offs[-1]).to_numpy()
    return Split(
        _sampled(customers, training),
        _sampled(customers, calibration),
        _sampled(customers, validation),
        pd.Timestamp(cut_offs[-1]),
    )


def customer_hash(customer_sk: pd.Series) -> NDArray[np.uint64]:
    """A fixed 64-bit mix of the key (the finaliser of splitmix64, Steele, Lea & Flood 2014)."""
    mixed = customer_sk.to_numpy(dtype=np.int64).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _sampled(customer_sk: pd.Series, mask: Mask, most: int = MOST_ROWS) -> Mask:
    if np.count_nonzero(mask) <= most:
        return mask
    hashes = customer_hash(customer_sk)
    limit = np.partition(hashes[mask], most)[most]  # the first that is left out, with all other rows of its customer
    kept: Mask = mask & (hashes < limit)
    return kept
