"""Training of churn and propensity: candidates compete on the newest closed windows, rolling back in time."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.errors import ScoringError
from creamery.modelling.history import History
from creamery.modelling.registry import Bin, Champion, Decision, Drift, Fit, Metric, Task, Training, Verdict, number
from creamery.scoring import propensity
from creamery.scoring.churn import score as churn
from creamery.scoring.churn.inputs import INPUTS, Population
from creamery.scoring.churn.labels import ChurnConfig, churned
from creamery.scoring.churn.score import ChurnFit, ChurnModel
from creamery.scoring.classifier import Classifier
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.discrimination import brier, calibration_bins, population_stability_index

BASELINE = "rhythm_rule"
_JUDGED_WINDOWS = 3
_LEAST_GAIN = 0.01
_LOSSES_TO_DEMOTE = 2


def train(history: History, incumbent: Champion | None, config: ChurnConfig) -> Training:
    """Fit on all cut-offs, back-test on the newest windows, and decide."""
    newest = _fit(history, config)
    folds = [newest, *(_fit(history.seen_from(day), config) for day in history.cutoffs[1:_JUDGED_WINDOWS])]
    folds = [fold for fold in folds if fold.validation_date]
    model, verdict = decide(newest, folds, history, incumbent)
    fit = Fit(
        model.champion.name,
        history.window,
        history.features["customer_sk"].nunique(),
        len(history.features),
        history.fingerprint,
        parameters=model.to_parameters(),
        metrics={"horizon_days": model.horizon.days, "is_personal": model.horizon.is_personal},
    )
    if verdict.decision is not Decision.RETAINED:
        verdict = Verdict(verdict.decision, fit.model_name, fit.version(history.as_of), verdict.reason)
    else:
        assert incumbent is not None
        model = ChurnModel.from_parameters(incumbent.parameters)
    metrics = [metric for fold in folds for metric in _metrics(fold)]
    bins = _bins(newest, model, verdict.model_name, history)
    return Training(Task.CHURN, history.as_of, [fit], metrics, bins, verdict, _drifts(history))


def train_propensity(history: History) -> Training:
    """Fit and judge on the newest closed window; the winner always serves, for a baseline is among the candidates."""
    bg_nbd = _bg_nbd(history)
    fitted = propensity.fit(history.features, history.outcomes, bg_nbd)
    classifier = fitted.classifier
    if bg_nbd and _best(fitted.comparison) == "bg_nbd":
        classifier = Classifier("none")
    name = "bg_nbd" if bg_nbd and classifier.method == "none" else classifier.method
    parameters = {
        "classifier": classifier.to_parameters(),
        "bg_nbd": bg_nbd.to_parameters() if bg_nbd else None,
    }
    rows = len(history.features)
    fit = Fit(name, history.window, history.features["customer_sk"].nunique(), rows, history.fingerprint, parameters)
    days = propensity.PROPENSITY_DAYS
    closed = [day for day in history.cutoffs if (history.as_of - day).days >= days]
    metrics, bins = [], []
    if closed and len(fitted.comparison):
        metrics = _card_metrics(fitted.comparison, closed[0], days)
        bins = _propensity_bins(name, classifier, bg_nbd, history, closed[0])
    verdict = Verdict(Decision.PROMOTION, name, fit.version(history.as_of), "The least log loss on the newest window.")
    return Training(Task.PROPENSITY, history.as_of, [fit], metrics, bins, verdict)


def _best(comparison: pd.DataFrame) -> str | None:
    return None if comparison.empty else str(comparison.set_index("candidate")["log_loss"].astype(float).idxmin())


def _fit(history: History, config: ChurnConfig) -> ChurnFit:
    return churn.fit(history.features, history.outcomes, _bg_nbd(history), config, history.subscriptions)


def _bg_nbd(history: History) -> BgNbd | None:
    """Fitted at the newest cut-off: what is judged there must not have seen what followed."""
    newest = history.past[0].purchases if history.past else history.today.iloc[:0]
    try:
        return BgNbd.fit(newest, (), ClvConfig())[0]
    except ScoringError:
        return None


def decide(
    newest: ChurnFit, folds: Sequence[ChurnFit], history: History, incumbent: Champion | None
) -> tuple[ChurnModel, Verdict]:
    """The model of the newest fit that shall be kept, and who serves. `folds`: fits that could be judged, newest first.

    The winner serves, or the baseline where it lost to it on the two newest windows; the incumbent stays where it is
    better by a hundredth.
    """
    name = newest.model.champion.name
    if newest.validation_date is None:
        return newest.model, Verdict(Decision.PROMOTION, name, None, f"No model can be judged: {newest.model.version}.")
    if name != BASELINE and _has_lost(name, folds):
        demoted = churn.with_champion(newest, BASELINE, history.features)
        lost = f"{name} lost to the baseline on the {_LOSSES_TO_DEMOTE} newest windows in a row."
        return demoted, Verdict(Decision.DEMOTION, BASELINE, None, lost)
    own, baseline = _brier(folds[0], name), _brier(folds[0], BASELINE)
    reason = f"Brier {own:.4f} on the window from {newest.validation_date}; the baseline's is {baseline:.4f}."
    if incumbent:
        present = _incumbent_brier(ChurnModel.from_parameters(incumbent.parameters), newest, history)
        if present < own * (1 - _LEAST_GAIN):
            better = f"Brier {present:.4f} on the newest window, against {own:.4f} of {name} fitted now."
            return newest.model, Verdict(Decision.RETAINED, incumbent.model_name, incumbent.model_version, better)
    return newest.model, Verdict(Decision.PROMOTION, name, None, reason)


def _has_lost(name: str, folds: Sequence[ChurnFit]) -> bool:
    """Whether it took part in the newest windows, and lost to the baseline on each of them."""
    newest = folds[:_LOSSES_TO_DEMOTE]
    if len(newest) < _LOSSES_TO_DEMOTE or not all((fold.comparison["candidate"] == name).any() for fold in newest):
        return False
    return all(_brier(fold, name) >= _brier(fold, BASELINE) for fold in newest)


def _brier(fold: ChurnFit, name: str) -> float:
    cards = fold.comparison
    return float(cards.loc[(cards["candidate"] == name) & (cards["customers_of"] == "all"), "brier"].iloc[0])


def _judged(fit: ChurnFit, history: History) -> tuple[Population, NDArray[np.bool_]]:
    """The customers of the newest closed window, and who of them churned."""
    assert fit.validation_date is not None
    is_judged = (history.features["as_of_date"] == pd.Timestamp(fit.validation_date)).to_numpy()
    population = Population.of(history.features[is_judged], fit.model.horizon)
    label = churned(history.outcomes[is_judged], population.horizons)
    known = ~np.isnan(label)
    return population.where(known), label[known] == 1


def _incumbent_brier(model: ChurnModel, fit: ChurnFit, history: History) -> float:
    population, is_churned = _judged(fit, history)
    return brier(is_churned, model.champion.probability(population))


def _bins(fit: ChurnFit, serving: ChurnModel, name: str, history: History) -> list[Bin]:
    """Of the model that serves, on the newest closed window of the fit."""
    if fit.validation_date is None:
        return []
    population, is_churned = _judged(fit, history)
    table = calibration_bins(is_churned, serving.champion.probability(population))
    return _bins_of(table, name, fit.validation_date, fit.model.horizon.longest)


def _propensity_bins(
    name: str, classifier: Classifier, bg_nbd: BgNbd | None, history: History, cutoff: date
) -> list[Bin]:
    """Of the model that serves, on the newest closed window."""
    is_judged = (history.features["as_of_date"] == pd.Timestamp(cutoff)).to_numpy()
    foretold = propensity.score(history.features[is_judged], classifier, bg_nbd)["purchase_probability_30"]
    has_bought = history.outcomes.loc[is_judged, "purchase_days_next_30"] > 0
    table = calibration_bins(has_bought.to_numpy(), foretold.to_numpy())
    return _bins_of(table, name, cutoff, propensity.PROPENSITY_DAYS)


def _bins_of(table: pd.DataFrame, name: str, cutoff: date, days: int) -> list[Bin]:
    columns = (table[column].tolist() for column in ("bin", "customers", "predicted", "observed"))
    return [Bin(name, cutoff, days, *numbers) for numbers in zip(*columns, strict=True)]


def _metrics(fit: ChurnFit) -> list[Metric]:
    assert fit.validation_date is not None
    return [
        metric
        for population, cards in fit.comparison.groupby("customers_of")
        for metric in _card_metrics(
            cards.drop(columns="customers_of"), fit.validation_date, fit.model.horizon.longest, str(population)
        )
    ]


def _drifts(history: History) -> list[Drift]:
    if not history.past:
        return []
    before, now = history.past[0].purchases, history.today
    indices = {name: population_stability_index(before[name], now[name]) for name in INPUTS if name in now}
    return [Drift(name, index) for name, index in indices.items() if not np.isnan(index)]


def _card_metrics(cards: pd.DataFrame, cutoff: date, days: int, population: str = "all") -> list[Metric]:
    """One metric per number of a frame of candidate, customers and measures."""
    return [
        Metric(str(card["candidate"]), cutoff, days, population, str(name), number(value), int(card["customers"]))
        for card in cards.to_dict("records")
        for name, value in card.items()
        if name not in ("candidate", "customers")
    ]
