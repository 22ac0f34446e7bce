"""Candidates for the purchase days of the next n days, behind one protocol."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import pandas as pd

from creamery.errors import DropoutNotIdentifiedError, ScoringError
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.boosting import AdditiveBoosting
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, Parameters, PastCutoff
from creamery.scoring.clv.nbd import Nbd
from creamery.scoring.clv.rates import DecayedRate, Heuristic, SameAsLastWindow
from creamery.scoring.clv.record import FitRecord


class PurchaseModel(Protocol):
    """What a candidate can do."""

    name: ClassVar[str]

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """From the customers at D and past cut-offs with what followed them. Raises ScoringError."""
        ...

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        """Purchase days of each customer in the `days` after D: shape (rows,), finite, not negative."""
        ...

    def to_parameters(self) -> Parameters: ...

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self: ...


class GenerativeModel(PurchaseModel, Protocol):
    """A candidate that says how purchases come about: rate ~ Gamma(r, alpha), dropout ~ Beta or never."""

    @property
    def r(self) -> float: ...

    @property
    def alpha(self) -> float: ...

    @property
    def dropout(self) -> tuple[float, float] | None: ...

    def probability_alive(self, purchases: pd.DataFrame) -> FloatArray: ...

    def expected_if_alive(self, frequency: Any, age: Any, days: float) -> FloatArray: ...


def fit_generative(purchases: pd.DataFrame, config: ClvConfig) -> tuple[GenerativeModel, FitRecord]:
    """BG/NBD, or NBD where dropout cannot be identified, which the record says. Raises NotConvergedError."""
    try:
        return BgNbd.fit(purchases, (), config)
    except DropoutNotIdentifiedError as problem:
        model, record = Nbd.fit(purchases, (), config)
        return model, replace(record, notes=(str(problem),))


def fit_generative_of(purchases: pd.DataFrame, config: ClvConfig) -> tuple[GenerativeModel, FitRecord]:
    """The generative part of the configured champion. Raises NotConvergedError."""
    if config.purchase_model == Nbd.name:
        return Nbd.fit(purchases, (), config)
    return fit_generative(purchases, config)


@dataclass(frozen=True, slots=True)
class MeanOfModels:
    """The mean of BG/NBD (or NBD), the decayed rate and boosting."""

    name: ClassVar[str] = "mean"
    models: tuple[PurchaseModel, ...]

    @classmethod
    def fit(cls, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig) -> tuple[Self, FitRecord]:
        """Raises what its members raise: a mean of fewer would be another model under the same name."""
        generative, record = fit_generative(purchases, config)
        others = (kind.fit(purchases, history, config)[0] for kind in (DecayedRate, AdditiveBoosting))
        return cls((generative, *others)), replace(record, method=cls.name)

    def expected_purchases(self, purchases: pd.DataFrame, days: float) -> FloatArray:
        return np.asarray(np.mean([each.expected_purchases(purchases, days) for each in self.models], axis=0))

    def to_parameters(self) -> Parameters:
        return {"models": [{"name": each.name, **each.to_parameters()} for each in self.models]}

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls(tuple(from_parameters(each) for each in parameters["models"]))


GENERATIVE: dict[str, type[GenerativeModel]] = {"bg_nbd": BgNbd, "nbd": Nbd}
CANDIDATES: dict[str, type[PurchaseModel]] = {
    **GENERATIVE,
    "decayed_rate": DecayedRate,
    "boosting": AdditiveBoosting,
    "mean": MeanOfModels,
}
BASELINES: dict[str, type[PurchaseModel]] = {"same_as_last_window": SameAsLastWindow, "heuristic": Heuristic}


def kind_of(name: str) -> type[PurchaseModel]:
    """The candidate or baseline of that name. Raises ScoringError."""
    known = CANDIDATES | BASELINES
    if name not in known:
        raise ScoringError(f"No purchase model is called {name!r}. Allowed: {', '.join(known)}.")
    return known[name]


def to_parameters(model: PurchaseModel) -> Parameters:
    """Plain parameters with the model's name."""
    return {"name": model.name, **model.to_parameters()}


def from_parameters(parameters: Parameters) -> PurchaseModel:
    """The model that `to_parameters` described, predicting identically. Raises ScoringError."""
    rest = dict(parameters)
    return kind_of(rest.pop("name")).from_parameters(rest)


def generative_from_parameters(parameters: Parameters) -> GenerativeModel:
    """The same for a model that must be generative. Raises ScoringError."""
    rest = dict(parameters)
    name = rest.pop("name")
    if name not in GENERATIVE:
        raise ScoringError(f"{name!r} is no generative model. Allowed: {', '.join(GENERATIVE)}.")
    return GENERATIVE[name].from_parameters(rest)
