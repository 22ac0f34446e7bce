"""The candidates for the churn probability, fitted on past cut-offs and compared on the newest one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.errors import InputError
from creamery.scoring import additive
from creamery.scoring.additive import AdditiveModel
from creamery.scoring.calibration import Platt, fit_platt, log_odds
from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.rhythm_rule import rhythm_rule
from creamery.scoring.classifier import fit_additive
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.cutoffs import Mask, Split
from creamery.scoring.discrimination import scorecard

Floats = NDArray[np.float64]

_JUDGED_BY = {"average_precision": False, "brier": True, "calibration_error": True}  # whether less is better


class Scorer(Protocol):
    """Raw scores in log-odds, shape (rows,)."""

    def raw(self, population: Population) -> Floats: ...
    def to_parameters(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class RhythmRuleScorer:
    """The rule score, read as per cent."""

    def raw(self, population: Population) -> Floats:
        return log_odds(rhythm_rule(population.features) / 100, least=0.005)

    def to_parameters(self) -> dict[str, Any]:
        return {"kind": "rhythm_rule"}


@dataclass(frozen=True, slots=True)
class BgNbdScorer:
    parameters: BgNbd

    def raw(self, population: Population) -> Floats:
        return log_odds(self.parameters.no_purchase_probability(population.features, population.horizons))

    def to_parameters(self) -> dict[str, Any]:
        return {"kind": "bg_nbd", **self.parameters.to_parameters()}


@dataclass(frozen=True, slots=True)
class AdditiveScorer:
    model: AdditiveModel

    def raw(self, population: Population) -> Floats:
        return self.model.raw(population.inputs)

    def to_parameters(self) -> dict[str, Any]:
        return {"kind": "additive", "model": self.model.to_parameters()}


def scorer_from_parameters(parameters: Mapping[str, Any]) -> Scorer:
    """Raises InputError for a kind that does not exist."""
    match parameters:
        case {"kind": "rhythm_rule"}:
            return RhythmRuleScorer()
        case {"kind": "bg_nbd", **rest}:
            return BgNbdScorer(BgNbd.from_parameters(rest))
        case {"kind": "additive", "model": model}:
            return AdditiveScorer(additive.from_parameters(model))
        case _:
            raise InputError(f"{parameters.get('kind')!r} is no kind of churn scorer. Fit the model again.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """`name` is rhythm_rule, bg_nbd, logistic, boosting or average."""

    name: str
    scorer: Scorer
    platt: Platt

    def probability(self, population: Population) -> Floats:
        return self.platt.probability(self.scorer.raw(population))


def fit_candidates(population: Population, label: Floats, parts: Split, bg_nbd: BgNbd | None) -> tuple[Candidate, ...]:
    """All candidates, the simplest first. `label` is 1, 0 or NaN where unknown; training needs rows of both classes."""
    is_event, known = label == 1, ~np.isnan(label)
    taught, calibrated = parts.training & known, parts.calibration & known
    scorers: dict[str, Scorer] = {"rhythm_rule": RhythmRuleScorer()}
    if bg_nbd is not None:
        scorers["bg_nbd"] = BgNbdScorer(bg_nbd)
    models = fit_additive(population.inputs[taught], is_event[taught])
    scorers |= {name: AdditiveScorer(model) for name, model in models.items()}
    held_out = population.where(calibrated)
    return tuple(
        Candidate(name, scorer, fit_platt(scorer.raw(held_out), is_event[calibrated]))
        for name, scorer in scorers.items()
    )


def compare(candidates: tuple[Candidate, ...], population: Population, label: Floats, mask: Mask) -> pd.DataFrame:
    """One row per candidate and group of customers (all; active: not silent for H yet; repeat: 2+ purchase days).

    Columns: candidate, customers_of, and those of `scorecard`; only rows of `mask` with a known label.
    """
    judged = population.where(mask & ~np.isnan(label))
    truth = label[mask & ~np.isnan(label)] == 1
    groups = {
        "all": np.ones(len(truth), dtype=bool),
        "active": ~judged.is_silent,
        "repeat": judged.features["frequency"].to_numpy() > 0,
    }
    rows = []
    for candidate in candidates:
        probability = candidate.probability(judged)
        for group, members in groups.items():
            card = scorecard(truth[members], probability[members])
            rows.append({"candidate": candidate.name, "customers_of": group, **card})
    return pd.DataFrame(rows)


def winner(comparison: pd.DataFrame) -> str:
    """The least sum of ranks in average precision, Brier and calibration error among all buyers; then the least Brier.

    Where that is equal too, the simpler one, which stands first.
    """
    cards = comparison[comparison["customers_of"] == "all"].set_index("candidate")
    ranks = [cards[measure].rank(method="min", ascending=is_less) for measure, is_less in _JUDGED_BY.items()]
    order = pd.DataFrame({"ranks": sum(ranks), "brier": cards["brier"]}).sort_values(["ranks", "brier"], kind="stable")
    return str(order.index[0])
