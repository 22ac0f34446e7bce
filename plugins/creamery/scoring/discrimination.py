"""How good probabilities are: ranking, calibration, lift, and how far a feature has drifted."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = NDArray[np.float64]

_LEAST = 1e-6  # probabilities and shares are kept this far from 0 and 1 before a logarithm


def auc(is_event: ArrayLike, probability: ArrayLike) -> float:
    """Area under the ROC curve; NaN unless both classes occur."""
    truth = np.asarray(is_event, dtype=bool)
    return float(roc_auc_score(truth, probability)) if _has_both(truth) else np.nan


def average_precision(is_event: ArrayLike, probability: ArrayLike) -> float:
    """Mean precision over the recall; NaN unless both classes occur."""
    truth = np.asarray(is_event, dtype=bool)
    return float(average_precision_score(truth, probability)) if _has_both(truth) else np.nan


def brier(is_event: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared error of the probabilities (Brier 1950); NaN without rows."""
    truth, guess = np.asarray(is_event, dtype=float), np.asarray(probability, dtype=float)
    return float(np.mean((guess - truth) ** 2)) if len(truth) else np.nan


def log_loss(is_event: ArrayLike, probability: ArrayLike) -> float:
    """Mean negative log-likelihood, natural logarithm; NaN without rows."""
    truth = np.asarray(is_event, dtype=bool)
    guess = np.clip(np.asarray(probability, dtype=float), _LEAST, 1 - _LEAST)
    return float(-np.mean(np.log(np.where(truth, guess, 1 - guess)))) if len(truth) else np.nan


def calibration_bins(is_event: ArrayLike, probability: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """One row per bin of equal width that has rows: bin (from 1), customers, predicted and observed (means)."""
    guess = np.asarray(probability, dtype=float)
    number = np.minimum((guess * bins).astype(int), bins - 1) + 1
    rows = pd.DataFrame({"bin": number, "predicted": guess, "observed": np.asarray(is_event, dtype=float)})
    return rows.groupby("bin", as_index=False).agg(
        customers=("predicted", "size"), predicted=("predicted", "mean"), observed=("observed", "mean")
    )


def calibration_error(is_event: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error (Naeini, Cooper & Hauskrecht 2015, eq. 1), bins of equal width; NaN without rows."""
    table = calibration_bins(is_event, probability, bins)
    if table.empty:
        return np.nan
    return float(np.average((table["predicted"] - table["observed"]).abs(), weights=table["customers"]))


def decile_lift(is_event: ArrayLike, probability: ArrayLike) -> pd.DataFrame:
    """One row per tenth, 1 having the highest probabilities: decile, customers, event_rate, lift (over the mean rate).

    Rows of one probability share their events evenly, so that the order of the rows does not matter.
    """
    rows = pd.DataFrame({"event": np.asarray(is_event, dtype=float), "guess": np.asarray(probability, dtype=float)})
    expected = rows.groupby("guess")["event"].transform("mean")
    order = np.argsort(-rows["guess"].to_numpy(), kind="stable")
    tenth = np.arange(len(rows)) * 10 // max(len(rows), 1) + 1
    table = pd.DataFrame({"decile": tenth, "event": expected.to_numpy()[order]}).groupby("decile", as_index=False)
    result = table.agg(customers=("event", "size"), event_rate=("event", "mean"))
    rate = rows["event"].mean()
    return result.assign(lift=result["event_rate"] / rate if rate else np.nan)


def population_stability_index(before: ArrayLike, now: ArrayLike, bins: int = 10) -> float:
    """Drift of a feature (Siddiqi 2006): sum of (share now - share before) * ln(ratio) over the tenths of `before`.

    Missing values are a bin of their own. Under 0.1 is stable, over 0.25 a shift; NaN where either has no rows.
    """
    old, new = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    if not len(old) or not len(new):
        return np.nan
    present = old[~np.isnan(old)]
    edges = np.unique(np.quantile(present, np.arange(1, bins) / bins)) if len(present) else np.empty(0)
    old_shares, new_shares = _shares(old, edges), _shares(new, edges)
    return float(np.sum((new_shares - old_shares) * np.log(new_shares / old_shares)))


def scorecard(is_event: ArrayLike, probability: ArrayLike) -> dict[str, float]:
    """Of a comparison: customers, event_rate, average_precision, auc, brier, calibration_error, log_loss."""
    truth = np.asarray(is_event, dtype=bool)
    return {
        "customers": len(truth),
        "event_rate": float(truth.mean()) if len(truth) else np.nan,
        "average_precision": average_precision(truth, probability),
        "auc": auc(truth, probability),
        "brier": brier(truth, probability),
        "calibration_error": calibration_error(truth, probability),
        "log_loss": log_loss(truth, probability),
    }


def _has_both(truth: NDArray[np.bool_]) -> bool:
    return bool(truth.any() and not truth.all())


def _shares(values: Floats, edges: Floats) -> Floats:
    number = np.where(np.isnan(values), 0, np.searchsorted(edges, values) + 1)
    counts = np.bincount(number, minlength=len(edges) + 2)
    return np.clip(counts / len(values), 1e-4, None)  # an empty bin would make the index infinite
