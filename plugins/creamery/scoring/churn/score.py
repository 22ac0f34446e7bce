"""Fit the churn model on past cut-offs, and score customers as of a day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring import additive
from creamery.scoring.additive import AdditiveModel
from creamery.scoring.calibration import Platt
from creamery.scoring.churn import subscribers
from creamery.scoring.churn.candidates import (
    AdditiveScorer,
    Candidate,
    RhythmRuleScorer,
    compare,
    fit_candidates,
    scorer_from_parameters,
    winner,
)
from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.labels import (
    DECLINE_DAYS,
    ChurnConfig,
    HorizonRule,
    can_decline,
    churned,
    declined,
    horizon_rule,
)
from creamery.scoring.churn.reasons import reasons, rule_contributions
from creamery.scoring.churn.rhythm_rule import category, rhythm_rule
from creamery.scoring.churn.subscribers import Explained
from creamery.scoring.classifier import Classifier, fit_classifier, is_enough
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.subscriptions import Survival, fit_survival
from creamery.scoring.cutoffs import Split, teaching_rows

Floats = NDArray[np.float64]

_LONGEST_FORECAST = 3650  # days; a churn that lies further ahead is not predicted


@dataclass(frozen=True, slots=True)
class ChurnModel:
    """All that scoring needs. `version` names the champion and the cut-off that chose it, or why the rule serves.

    `surrogate` explains a champion that is not additive; `usual` are the training means of the inputs; `survival` says
    how long the subscriptions of those last who bought nothing else.
    """

    version: str
    champion: Candidate
    horizon: HorizonRule
    decline: Classifier
    surrogate: AdditiveModel | None
    usual: Mapping[str, float]
    survival: Survival

    @property
    def reasons_model(self) -> str:
        """The model whose contributions the factors are."""
        return f"surrogate of {self.champion.name}" if self.surrogate else self.champion.name

    def explained(self, population: Population) -> tuple[Floats, pd.DataFrame]:
        """Probabilities, and contributions to them: one column per input, in log-odds.

        Those of the rule score are in hundredths of its scale. An additive champion's are computed once for both.
        """
        scorer = self.champion.scorer
        if isinstance(scorer, AdditiveScorer):
            added = scorer.model.contributions(population.inputs)
            probability = self.champion.platt.probability(scorer.model.intercept + added.sum(axis=1))
            return probability, pd.DataFrame(added, columns=list(scorer.model.features))
        probability = self.champion.probability(population)
        if self.surrogate is None:
            return probability, rule_contributions(population.features)
        added = self.surrogate.contributions(population.inputs)
        return probability, pd.DataFrame(added, columns=list(self.surrogate.features))

    def to_parameters(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "name": self.champion.name,
            "scorer": self.champion.scorer.to_parameters(),
            "platt": self.champion.platt.to_parameters(),
            "horizon": self.horizon.to_parameters(),
            "decline": self.decline.to_parameters(),
            "surrogate": self.surrogate.to_parameters() if self.surrogate else None,
            "usual": dict(self.usual),
            "survival": self.survival.to_parameters(),
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        scorer, platt = scorer_from_parameters(parameters["scorer"]), Platt.from_parameters(parameters["platt"])
        surrogate = parameters["surrogate"]
        return cls(
            parameters["version"],
            Candidate(parameters["name"], scorer, platt),
            HorizonRule.from_parameters(parameters["horizon"]),
            Classifier.from_parameters(parameters["decline"]),
            additive.from_parameters(surrogate) if surrogate else None,
            dict(parameters["usual"]),
            Survival.from_parameters(parameters["survival"]),
        )


@dataclass(frozen=True, slots=True)
class ChurnFit:
    """The winner, and how the candidates did on the newest closed cut-off."""

    model: ChurnModel
    candidates: tuple[Candidate, ...]
    comparison: pd.DataFrame
    validation_date: date | None


def fit(
    features: pd.DataFrame,
    outcomes: pd.DataFrame,
    bg_nbd: BgNbd | None = None,
    config: ChurnConfig | None = None,
    subscriptions: pd.DataFrame | None = None,
) -> ChurnFit:
    """Fit on several past cut-offs: both frames have customer_sk and as_of_date, one row per customer and cut-off.

    `subscriptions` has age_months, has_ended, count. `bg_nbd` must have been fitted on what was known at the newest
    cut-off or before. The champion is the one that was measured, not fitted again on the cut-off that chose it. Rows
    whose window is not closed influence nothing.
    """
    config = config or ChurnConfig()
    newest = features[features["as_of_date"] == features["as_of_date"].max()]
    rule = horizon_rule(newest, config)
    rows, parts = teaching_rows(features, outcomes, rule.longest)
    population = Population.of(rows, rule)
    label = churned(rows, population.horizons)
    decline = _fit_decline(features, outcomes, rule)
    survival, _ = fit_survival(subscriptions, ClvConfig())
    reason = _why_not(label, parts, config)
    if parts is None or reason:
        model = replace(rule_model(newest, rule, reason), decline=decline, survival=survival)
        return ChurnFit(model, (model.champion,), pd.DataFrame(), None)
    candidates = fit_candidates(population, label, parts, bg_nbd)
    comparison = compare(candidates, population, label, parts.validation)
    champion = next(each for each in candidates if each.name == winner(comparison))
    taught, day = population.where(parts.training), parts.validation_date.date()
    surrogate = _surrogate(champion, taught)
    model = ChurnModel(f"{champion.name} {day}", champion, rule, decline, surrogate, _means(taught), survival)
    return ChurnFit(model, candidates, comparison, day)


def rule_model(features: pd.DataFrame, rule: HorizonRule, reason: str) -> ChurnModel:
    """The rule score as the model, marked with the reason why nothing better serves."""
    champion = Candidate("rhythm_rule", RhythmRuleScorer(), Platt())
    means = _means(Population.of(features, rule))
    survival, _ = fit_survival(None, ClvConfig())
    return ChurnModel(f"rhythm_rule ({reason})", champion, rule, Classifier("none"), None, means, survival)


def with_champion(fitted: ChurnFit, name: str, features: pd.DataFrame) -> ChurnModel:
    """The fit with another of its candidates as champion, its surrogate fitted on `features`; for a demotion."""
    champion = next(each for each in fitted.candidates if each.name == name)
    population = Population.of(features, fitted.model.horizon)
    version = f"{name} {fitted.validation_date}"
    return replace(fitted.model, version=version, champion=champion, surrogate=_surrogate(champion, population))


def score(features: pd.DataFrame, model: ChurnModel, as_of: date) -> pd.DataFrame:
    """One row per row of `features`, in its order, as of `as_of`; the percentile is among these rows.

    Who only ever subscribed has no frequency. Who has a subscription that runs is lost when it ends and no purchase
    comes either. `churn_method` is the champion's name, or how a subscriber was scored.
    """
    population = Population.of(features, model.horizon)
    explained = _explained(population, model)
    probability, method = explained.probability, explained.method
    risk = np.floor(100 * probability + 0.5).astype(np.int64)
    is_declining = can_decline(features)
    days = days_until_churn(population, probability)
    result = pd.DataFrame(
        {
            "customer_sk": features["customer_sk"].to_numpy(),
            "churn_probability": np.round(probability, 4),
            "churn_percentile": _percentile(probability),
            "churn_risk_score": risk,
            "rhythm_rule_score": rhythm_rule(features),
            "churn_risk_category": category(risk),
            "decline_probability": np.where(
                is_declining, np.round(model.decline.probability(population.inputs), 4), np.nan
            ),
            "horizon_days": population.horizons.astype(np.int64),
            "is_single_order": features["frequency"].to_numpy() == 0,
            "is_already_silent": population.is_gone,
            "predicted_churn_date": pd.Timestamp(as_of) + pd.to_timedelta(days, unit="D"),
            "days_until_predicted_churn": pd.Series(days).astype("Int64"),
        }
    )
    told = reasons(population, explained.contributions, model.usual)
    reasons_model = np.where(features["frequency"].notna(), model.reasons_model, method)
    return pd.concat([result, told], axis=1).assign(
        churn_method=method, model_version=model.version, reasons_model=reasons_model
    )


def _explained(population: Population, model: ChurnModel) -> Explained:
    """Purchases by the model, subscriptions by their survival, in the order of the rows.

    Who has both is lost with both, which are taken as independent: the product. What raises the risk of the purchases
    explains it.
    """
    has_bought = population.features["frequency"].notna().to_numpy()
    buyers, contributions = model.explained(population.where(has_bought))
    others = subscribers.explained(population.where(~has_bought), model.survival)
    probability = np.empty(len(has_bought))
    probability[has_bought], probability[~has_bought] = buyers, others.probability
    method = np.full(len(has_bought), model.champion.name, dtype=object)
    method[~has_bought] = others.method
    has_both = has_bought & population.is_subscribed
    probability[has_both] *= subscribers.ending(population.where(has_both), model.survival)
    method[has_both] = subscribers.RUNNING
    parts = [
        contributions.set_index(np.flatnonzero(has_bought)),
        others.contributions.set_index(np.flatnonzero(~has_bought)),
    ]
    return Explained(probability, method, pd.concat(parts).sort_index().fillna(0.0))


def days_until_churn(population: Population, probability: Floats) -> Floats:
    """Days from D until the customer has more probably than not gone silent; whole numbers, NaN beyond ten years.

    Churning is taken as a constant hazard that reaches `probability` at the horizon H, so half is passed after
    H * ln(1/2) / ln(1 - probability) days: at H for one half, sooner above. Who is gone already went on the day the
    horizon ran out, which is D or before it: zero or negative.
    """
    survival = np.log1p(-np.clip(probability, 1e-9, 1 - 1e-9))
    ahead = np.ceil(population.horizons * np.log(0.5) / survival)
    overrun = population.horizons - population.features["days_since_last_order"].to_numpy(float)
    days = np.where(population.is_gone, overrun, ahead)
    return np.where(days > _LONGEST_FORECAST, np.nan, days)


def _fit_decline(features: pd.DataFrame, outcomes: pd.DataFrame, rule: HorizonRule) -> Classifier:
    rows, parts = teaching_rows(features, outcomes, DECLINE_DAYS)
    return fit_classifier(rows, parts, Population.of(rows, rule).inputs, declined(rows, rows))[0]


def _why_not(label: Floats, parts: Split | None, config: ChurnConfig) -> str:
    """Why no model can be trained; empty where one can."""
    if parts is None:
        return "too_few_closed_cutoffs"
    for mask in (parts.training, parts.validation):
        if len(np.unique(label[mask])) == 1:
            return "one_class"
        if not is_enough(label, mask, config.least_rows, config.least_of_a_class):
            return "too_few_rows"
    return ""


def _surrogate(champion: Candidate, population: Population) -> AdditiveModel | None:
    """An additive model of the champion's own log-odds; the rule score and additive champions need none."""
    if isinstance(champion.scorer, AdditiveScorer | RhythmRuleScorer) or population.features.empty:
        return None
    return additive.fit_boosting_regression(population.inputs, champion.scorer.raw(population))


def _means(population: Population) -> dict[str, float]:
    means = population.inputs.mean()
    return {str(name): float(value) for name, value in means.items() if not np.isnan(value)}


def _percentile(probability: Floats) -> Floats:
    """Share of the customers with a smaller probability plus half of those with the same, times 100."""
    ranks = pd.Series(probability).rank(method="average").to_numpy()
    return np.round((ranks - 0.5) / max(len(probability), 1) * 100, 2)
