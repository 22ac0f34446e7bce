"""Additive models as plain tables: intercept plus one contribution per feature, exact, so every score explains itself.

Inputs are frames of float columns, NaN where a value is missing; a feature that a frame lacks counts as missing.
Every model scores in the scale of its raw score: log-odds for a classification, the target's unit for a regression.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from creamery.errors import InputError

Floats = NDArray[np.float64]

_MOST_BINS = 64
_CLIPPED_SHARE = 0.005  # at either end, before the logistic regression
_LEAST_ROWS_PER_LEAF = 20
_THREADS = 1  # two that spin for each other take ten times as long on a busy machine, and sum in another order


class AdditiveModel(Protocol):
    """What all of them offer; raw score = intercept + contributions, each centred on its training mean."""

    @property
    def features(self) -> tuple[str, ...]: ...
    @property
    def intercept(self) -> float: ...
    def contributions(self, inputs: pd.DataFrame) -> Floats:
        """Shape (rows, features), in the unit of the raw score."""

    def raw(self, inputs: pd.DataFrame) -> Floats:
        """Shape (rows,)."""

    def to_parameters(self) -> dict[str, Any]:
        """Plain JSON; `from_parameters` of this module turns it back into a model that scores identically."""


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTables:
    """Gradient boosting without interactions (Lou, Caruana & Gehrke 2012, a generalised additive model of trees).

    `edges[j]` are the upper ends of all bins of feature j but the last; `tables[j]` has the contribution of its missing
    values first and then of each bin.
    """

    features: tuple[str, ...]
    intercept: float
    edges: tuple[Floats, ...]
    tables: tuple[Floats, ...]

    def contributions(self, inputs: pd.DataFrame) -> Floats:
        return _columns(inputs, self.features, lambda j, values: self.tables[j][_bins(values, self.edges[j])])

    def raw(self, inputs: pd.DataFrame) -> Floats:
        return _total(self.intercept, self.contributions(inputs))

    def to_parameters(self) -> dict[str, Any]:
        return {
            "kind": "boosted_tables",
            "features": list(self.features),
            "intercept": self.intercept,
            "edges": [edges.tolist() for edges in self.edges],
            "tables": [table.tolist() for table in self.tables],
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        edges, tables = (tuple(np.array(row, dtype=float) for row in parameters[key]) for key in ("edges", "tables"))
        return cls(tuple(parameters["features"]), float(parameters["intercept"]), edges, tables)


@dataclass(frozen=True, slots=True, eq=False)
class LogisticModel:
    """Penalised logistic regression on log1p-ed, clipped and standardised features, with a flag where one is missing.

    `scales` has one row per feature: lower and upper clip, mean, deviation (the last three after log1p), weight of the
    value, weight of its absence, and the mean contribution in training.
    """

    features: tuple[str, ...]
    intercept: float
    scales: Floats

    def contributions(self, inputs: pd.DataFrame) -> Floats:
        return _columns(inputs, self.features, self._contribution)

    def raw(self, inputs: pd.DataFrame) -> Floats:
        return _total(self.intercept, self.contributions(inputs))

    def to_parameters(self) -> dict[str, Any]:
        return {
            "kind": "logistic",
            "features": list(self.features),
            "intercept": self.intercept,
            "scales": self.scales.tolist(),
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        scales = np.array(parameters["scales"], dtype=float).reshape(-1, 7)
        return cls(tuple(parameters["features"]), float(parameters["intercept"]), scales)

    def _contribution(self, feature: int, values: Floats) -> Floats:
        weight, absence, centre = self.scales[feature, 4:]
        added: Floats = weight * _standardised(values, self.scales[feature, :4]) + absence * np.isnan(values) - centre
        return added


@dataclass(frozen=True, slots=True, eq=False)
class MeanModel:
    """The mean of additive models in raw scores, which is additive again."""

    members: tuple[AdditiveModel, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for member in self.members for name in member.features))

    @property
    def intercept(self) -> float:
        return float(np.mean([member.intercept for member in self.members]))

    def contributions(self, inputs: pd.DataFrame) -> Floats:
        places = {name: place for place, name in enumerate(self.features)}
        total = np.zeros((len(inputs), len(places)), order="F")
        for member in self.members:
            for name, added in zip(member.features, member.contributions(inputs).T, strict=True):
                total[:, places[name]] += added
        mean: Floats = total / len(self.members)
        return mean

    def raw(self, inputs: pd.DataFrame) -> Floats:
        return _total(self.intercept, self.contributions(inputs))

    def to_parameters(self) -> dict[str, Any]:
        return {"kind": "mean", "members": [member.to_parameters() for member in self.members]}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        return cls(tuple(from_parameters(member) for member in parameters["members"]))


def from_parameters(parameters: Mapping[str, Any]) -> AdditiveModel:
    """The model that `to_parameters` described. Raises InputError for a kind that does not exist."""
    match parameters.get("kind"):
        case "boosted_tables":
            return BoostedTables.from_parameters(parameters)
        case "logistic":
            return LogisticModel.from_parameters(parameters)
        case "mean":
            return MeanModel.from_parameters(parameters)
        case kind:
            raise InputError(f"{kind!r} is no kind of additive model. Fit the model again.")


def informative(inputs: pd.DataFrame) -> tuple[str, ...]:
    """The columns that differ between rows: neither constant nor empty. One with gaps and one value does differ."""
    return tuple(name for name in inputs.columns if inputs[name].nunique(dropna=False) > 1)


def fit_boosting(inputs: pd.DataFrame, is_event: NDArray[np.bool_], *, iterations: int = 100) -> BoostedTables:
    """Log-odds of `is_event`, which needs rows of both classes."""
    model = HistGradientBoostingClassifier(**_settings(len(inputs), iterations))
    return _tabulated(model, inputs, is_event, lambda grid: model.decision_function(grid))


def fit_boosting_regression(inputs: pd.DataFrame, target: Floats, *, iterations: int = 100) -> BoostedTables:
    """Mean of `target` by squared error; needs at least one row."""
    model = HistGradientBoostingRegressor(**_settings(len(inputs), iterations))
    return _tabulated(model, inputs, target, lambda grid: model.predict(grid))


def fit_logistic(inputs: pd.DataFrame, is_event: NDArray[np.bool_], *, strength: float = 0.1) -> LogisticModel:
    """Log-odds of `is_event`, which needs rows of both classes; `strength` is the inverse of the L2 penalty."""
    features = informative(inputs)
    values = _matrix(inputs, features)
    scales = np.array([_scale(column) for column in values.T]).reshape(-1, 4)
    standardised = np.array([_standardised(column, scale) for column, scale in zip(values.T, scales, strict=True)])
    parts = np.vstack([standardised.reshape(-1, len(values)), np.isnan(values).T]).T
    if not features:
        share = float(np.mean(is_event))
        return LogisticModel((), float(np.log(share / (1 - share))), np.empty((0, 7)))
    with threadpool_limits(_THREADS):
        fitted = LogisticRegression(C=strength, max_iter=1000).fit(parts, is_event)
    weights = fitted.coef_[0].reshape(2, -1)
    centres = (parts.mean(axis=0) * fitted.coef_[0]).reshape(2, -1).sum(axis=0)
    return LogisticModel(features, float(fitted.intercept_[0] + centres.sum()), np.c_[scales, weights.T, centres])


def _total(intercept: float, contributions: Floats) -> Floats:
    total: Floats = intercept + contributions.sum(axis=1)
    return total


def _settings(rows: int, iterations: int) -> dict[str, Any]:
    # Early stopping would hold out random rows, that is, shuffle time.
    return {
        "max_iter": iterations,
        "learning_rate": 0.1,
        "max_leaf_nodes": 4,
        "min_samples_leaf": max(_LEAST_ROWS_PER_LEAF, rows // 500),
        "l2_regularization": 1.0,
        "interaction_cst": "no_interactions",
        "early_stopping": False,
        "random_state": 0,
    }


def _tabulated(model: Any, inputs: pd.DataFrame, target: NDArray[Any], predict: Any) -> BoostedTables:
    """Fit on bin numbers, then read off the tables: what a bin adds to a row whose other features stay the same.

    No tree has two features, so this does not depend on the others and the sum of the tables is the prediction.
    """
    features = informative(inputs)
    values = _matrix(inputs, features)
    edges = tuple(_edges(column) for column in values.T)
    bins = np.array([_bins(column, ends) for column, ends in zip(values.T, edges, strict=True)]).reshape(
        -1, len(inputs)
    )
    # The constant column stands in for a shop without any feature.
    with threadpool_limits(_THREADS):
        model.fit(np.c_[_codes(bins.T), np.zeros(len(inputs))], target)
    base = np.ones((1, len(features) + 1))
    at_base = intercept = float(predict(base)[0])
    tables = []
    for feature, ends in enumerate(edges):
        grid = np.repeat(base, len(ends) + 2, axis=0)
        grid[:, feature] = _codes(np.arange(len(ends) + 2))
        added = predict(grid) - at_base
        centre = float(added[bins[feature]].mean())
        tables.append(added - centre)
        intercept += centre
    return BoostedTables(features, intercept, edges, tuple(tables))


def _codes(bins: NDArray[np.int64]) -> Floats:
    """Bin numbers as the boosting sees them: the missing values' bin is missing to it as well."""
    return np.where(bins == 0, np.nan, bins)


def _edges(values: Floats) -> Floats:
    present = values[~np.isnan(values)]
    distinct = np.unique(present)
    if len(distinct) <= _MOST_BINS:
        return (distinct[:-1] + distinct[1:]) / 2
    quantiles = np.quantile(present, np.arange(1, _MOST_BINS) / _MOST_BINS, method="lower")
    ends = np.unique(quantiles)
    below: Floats = ends[ends < distinct[-1]]
    return below


def _bins(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """0 for missing, then 1 to len(edges) + 1; a value equal to an edge lies below it."""
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values) + 1).astype(np.int64)


def _scale(values: Floats) -> Floats:
    """Clips, mean and deviation of the values that are there."""
    present = _logs(values[~np.isnan(values)])
    low, high = np.quantile(present, [_CLIPPED_SHARE, 1 - _CLIPPED_SHARE])
    clipped = np.clip(present, low, high)
    return np.array([low, high, clipped.mean(), clipped.std() or 1.0])


def _standardised(values: Floats, scale: Floats) -> Floats:
    low, high, mean, deviation = scale
    standardised: Floats = np.nan_to_num((np.clip(_logs(values), low, high) - mean) / deviation)
    return standardised


def _logs(values: Floats) -> Floats:
    logs: Floats = np.sign(values) * np.log1p(np.abs(values))
    return logs


def _column(inputs: pd.DataFrame, name: str) -> Floats:
    return inputs[name].to_numpy(float, na_value=np.nan) if name in inputs else np.full(len(inputs), np.nan)


def _matrix(inputs: pd.DataFrame, features: Sequence[str]) -> Floats:
    return inputs.reindex(columns=list(features)).to_numpy(dtype=float, na_value=np.nan)


def _columns(inputs: pd.DataFrame, features: Sequence[str], contribution: Any) -> Floats:
    """`contribution(number, values)` of each feature, shape (rows, features)."""
    result = np.empty((len(inputs), len(features)), order="F")
    for number, name in enumerate(features):
        result[:, number] = contribution(number, _column(inputs, name))
    return result
