"""Calibrated additive classifiers: trained on past cut-offs, judged on the newest one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring import additive
from creamery.scoring.additive import AdditiveModel, MeanModel
from creamery.scoring.calibration import Platt, fit_platt
from creamery.scoring.cutoffs import Mask, Split
from creamery.scoring.discrimination import scorecard

Floats = NDArray[np.float64]

_LEAST_ROWS = 200
_LEAST_OF_A_CLASS = 20


@dataclass(frozen=True, slots=True)
class Classifier:
    """`method` is logistic, boosting, average, base_rate (one probability for all) or none (NaN for all)."""

    method: str
    model: AdditiveModel | None = None
    platt: Platt = field(default_factory=Platt)
    base_rate: float = np.nan

    def probability(self, inputs: pd.DataFrame) -> Floats:
        """Shape (rows,)."""
        if self.model is None:
            return np.full(len(inputs), self.base_rate)
        return self.platt.probability(self.model.raw(inputs))

    def to_parameters(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "model": self.model.to_parameters() if self.model else None,
            "platt": self.platt.to_parameters(),
            "base_rate": None if np.isnan(self.base_rate) else self.base_rate,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        model, rate = parameters["model"], parameters["base_rate"]
        return cls(
            parameters["method"],
            additive.from_parameters(model) if model else None,
            Platt.from_parameters(parameters["platt"]),
            np.nan if rate is None else float(rate),
        )


def is_enough(
    label: Floats, mask: Mask, least_rows: int = _LEAST_ROWS, least_of_a_class: int = _LEAST_OF_A_CLASS
) -> bool:
    """Whether the rows of `mask` can teach or judge: so many, and so many of either class."""
    events = np.count_nonzero(label[mask] == 1)
    others = np.count_nonzero(label[mask] == 0)
    return bool(events + others >= least_rows and min(events, others) >= least_of_a_class)


def fit_additive(inputs: pd.DataFrame, is_event: NDArray[np.bool_]) -> dict[str, AdditiveModel]:
    """logistic, boosting and their average (of log-odds, so that it stays additive)."""
    members = additive.fit_logistic(inputs, is_event), additive.fit_boosting(inputs, is_event)
    return {"logistic": members[0], "boosting": members[1], "average": MeanModel(members)}


def fit_classifier(
    rows: pd.DataFrame, parts: Split | None, inputs: pd.DataFrame, label: Floats
) -> tuple[Classifier, pd.DataFrame]:
    """The additive model of the lowest log loss on the newest closed cut-off, and what all of them did there.

    `rows` and `parts` are those of `teaching_rows`; `label` is 1, 0, or NaN where it says nothing. Too few rows: the
    rate at the newest closed cut-off, or NaN without any.
    """
    known = ~np.isnan(label)
    if parts is None or not all(is_enough(label, mask) for mask in (parts.training, parts.validation)):
        newest = known & (rows["as_of_date"] == rows["as_of_date"][known].max()).to_numpy()
        rate = float(label[newest].mean()) if newest.any() else np.nan
        return Classifier("none" if np.isnan(rate) else "base_rate", base_rate=rate), pd.DataFrame()
    taught, calibrated, judged = (mask & known for mask in (parts.training, parts.calibration, parts.validation))
    is_event = label == 1
    classifiers = {
        name: Classifier(name, model, fit_platt(model.raw(inputs[calibrated]), is_event[calibrated]))
        for name, model in fit_additive(inputs[taught], is_event[taught]).items()
    }
    cards = {name: scorecard(is_event[judged], each.probability(inputs[judged])) for name, each in classifiers.items()}
    comparison = pd.DataFrame(cards).T.rename_axis("candidate").reset_index()
    return classifiers[min(cards, key=lambda name: cards[name]["log_loss"])], comparison
