"""How well predictions met what happened; the same measures for every model and baseline."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

_DECILES = 10


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Of one model on one closed window; NaN where it cannot be said (no rows, nothing happened, all alike).

    `bias_percent`: predicted total over actual total, less 100 %. `top_decile_lift`: mean actual of the tenth with the
    highest predictions over the mean of all. Errors are in the unit of what was predicted.
    """

    customers: int
    predicted_total: float
    actual_total: float
    bias_percent: float
    mean_absolute_error: float
    root_mean_squared_error: float
    pearson: float
    top_decile_lift: float


def scorecard(predicted: FloatArray, actual: FloatArray) -> Scorecard:
    """Compare two arrays of shape (customers,)."""
    if not len(actual):
        return Scorecard(0, 0.0, 0.0, *[np.nan] * 5)
    error = predicted - actual
    total = float(actual.sum())
    return Scorecard(
        customers=len(actual),
        predicted_total=float(predicted.sum()),
        actual_total=total,
        bias_percent=float(error.sum() / total * 100) if total else np.nan,
        mean_absolute_error=float(np.abs(error).mean()),
        root_mean_squared_error=float(np.sqrt((error**2).mean())),
        pearson=_pearson(predicted, actual),
        top_decile_lift=_top_decile_lift(predicted, actual),
    )


def decile_table(predicted: FloatArray, actual: FloatArray, covered: FloatArray | None = None) -> pd.DataFrame:
    """One row per tenth of the customers by prediction, 1 the highest: decile, customers, predicted_mean, actual_mean,
    and coverage where `covered` (share of each customer's actual within the interval) is given.

    Equal predictions that a boundary divides share their mean actual, so that the order of rows changes nothing.
    """
    columns = {"predicted": predicted, "actual": actual}
    if covered is not None:
        columns["coverage"] = covered
    rows = pd.DataFrame(columns)
    for name in columns:
        if name != "predicted":
            rows[name] = rows.groupby("predicted")[name].transform("mean")
    rows = rows.sort_values("predicted", ascending=False, kind="stable").reset_index(drop=True)
    rows["decile"] = np.arange(len(rows)) * _DECILES // max(len(rows), 1) + 1
    means = {
        "customers": ("predicted", "size"),
        "predicted_mean": ("predicted", "mean"),
        "actual_mean": ("actual", "mean"),
    }
    if covered is not None:
        means["coverage"] = ("coverage", "mean")
    return rows.groupby("decile").agg(**means).reset_index()


def _pearson(predicted: FloatArray, actual: FloatArray) -> float:
    if len(actual) < 2 or np.ptp(predicted) == 0 or np.ptp(actual) == 0:
        return np.nan
    return float(np.corrcoef(predicted, actual)[0, 1])


def _top_decile_lift(predicted: FloatArray, actual: FloatArray) -> float:
    mean = actual.mean()
    top = decile_table(predicted, actual)
    return float(top["actual_mean"].iloc[0] / mean) if mean else np.nan
