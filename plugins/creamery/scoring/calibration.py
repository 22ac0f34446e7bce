"""Platt scaling: probabilities from raw scores by a straight line in log-odds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_SLOPE = 0.01  # a model that ranks the wrong way round becomes flat, and loses, but keeps its reasons' direction
_STEPS = 50
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Platt:
    """probability = 1 / (1 + exp(-(slope * raw + offset))) (Platt 1999)."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, raw: Floats) -> Floats:
        return _expit(self.slope * raw + self.offset)

    def to_parameters(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        return cls(float(parameters["slope"]), float(parameters["offset"]))


def fit_platt(raw: Floats, is_event: NDArray[np.bool_]) -> Platt:
    """Fit on rows the model was not trained on, by Newton's method; without rows, the scores as they are.

    The targets are Platt's (his eq. 5), and a unit normal prior about 1 holds the slope where rows are few.
    """
    if not len(raw):
        return Platt()
    events, others = np.count_nonzero(is_event), np.count_nonzero(~is_event)
    target = np.where(is_event, (events + 1) / (events + 2), 1 / (others + 2))
    design = np.c_[raw, np.ones(len(raw))]
    line = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        guess = _expit(design @ line)
        gradient = design.T @ (guess - target) + [line[0] - 1, 0]
        curvature = (design * (guess * (1 - guess))[:, None]).T @ design + np.diag([1.0, 1e-9])
        step = np.linalg.solve(curvature, gradient)
        # Newton's full step overshoots where the scores are far from calibrated.
        while _loss(design, target, line - step) > _loss(design, target, line) and np.abs(step).max() > _TOLERANCE:
            step = step / 2
        line = line - step
        if np.abs(step).max() <= _TOLERANCE:
            break
    return Platt(float(max(line[0], _LEAST_SLOPE)), float(line[1]))


def log_odds(probability: Floats, least: float = 1e-6) -> Floats:
    """Finite for any probability: kept `least` away from 0 and 1."""
    kept: Floats = np.clip(probability, least, 1 - least)
    return np.log(kept) - np.log1p(-kept)


def _loss(design: Floats, target: Floats, line: Floats) -> float:
    """Negative log-likelihood and the prior's part."""
    log_odds = design @ line
    return float(np.sum(np.logaddexp(0, log_odds) - target * log_odds) + (line[0] - 1) ** 2 / 2)


def _expit(log_odds: Floats) -> Floats:
    # The same as 1 / (1 + exp(-x)), without its overflow.
    return (1 + np.tanh(log_odds / 2)) / 2
