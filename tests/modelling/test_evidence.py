"""What a training leaves as evidence is of the model that serves."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creamery.modelling import churn_training, scores, value_training
from creamery.modelling.history import History
from creamery.modelling.registry import Bin, Champion, Decision, Task, Training
from creamery.scoring import additive
from creamery.scoring.calibration import Platt
from creamery.scoring.churn import score as churn
from creamery.scoring.churn.candidates import AdditiveScorer, Candidate
from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.labels import ChurnConfig, HorizonRule
from creamery.scoring.clv.config import ClvConfig
from tests.modelling import histories
from tests.scoring.clv import transactions

NEWEST = date(2026, 3, 29)
RULE = HorizonRule(90, is_personal=False)


@pytest.fixture(scope="module")
def known() -> History:
    """As the warehouse has it: no trend of engagement, and who bought once did so on the first day."""
    invented = histories.invented(700)
    recency = np.where(invented.features["frequency"] > 0, invented.features["recency_days"].clip(1), 0)
    age = np.maximum(invented.features["age_days"], recency)
    features = invented.features.assign(recency_days=recency, age_days=age).drop(columns="engagement_trend")
    return replace(invented, features=features, today=invented.today.drop(columns="engagement_trend"))


def of_newest(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["as_of_date"] == pd.Timestamp(NEWEST)].reset_index(drop=True)


def mean(bins: list[Bin], column: str) -> float:
    return float(np.average([getattr(each, column) for each in bins], weights=[each.row_count for each in bins]))


def require_bins_of(trained: Training, probability: pd.Series, is_event: pd.Series) -> None:
    bins = list(trained.bins)
    assert {each.model_name for each in bins} == {trained.verdict.model_name}
    assert {each.cutoff_date for each in bins} == {NEWEST}
    assert sum(each.row_count for each in bins) == len(is_event)
    assert mean(bins, "predicted") == pytest.approx(probability.mean(), abs=1e-3)
    assert mean(bins, "realised") == pytest.approx(is_event.mean())


def test_calibration_of_an_incumbent_that_stays_is_its_own(known: History) -> None:
    """It has seen the window that judges, so no honest fit beats it."""
    features, outcomes = of_newest(known.features), of_newest(known.outcomes)
    population = Population.of(features, RULE)
    is_churned = outcomes["next_purchase_days"].isna()
    seen = additive.fit_boosting(population.inputs, is_churned.to_numpy())
    champion = Candidate("of_last_week", AdditiveScorer(seen), Platt())
    model = churn.rule_model(features, RULE, "replaced")
    parameters = churn.ChurnModel(
        "of_last_week", champion, RULE, model.decline, None, model.usual, model.survival
    ).to_parameters()
    incumbent = Champion(Task.CHURN, "of_last_week", "of_last_week 1", date(2026, 6, 20), parameters)
    trained = churn_training.train(known, incumbent, ChurnConfig())
    assert trained.verdict.decision is Decision.RETAINED
    require_bins_of(trained, pd.Series(champion.probability(population)), is_churned)


def test_propensity_has_the_calibration_of_what_serves(known: History) -> None:
    trained = churn_training.train_propensity(known)
    parameters = trained.fits[0].parameters
    assert parameters
    served = scores.SCORERS[Task.PROPENSITY](parameters)(of_newest(known.features), NEWEST)
    require_bins_of(trained, served["purchase_probability_30"], of_newest(known.outcomes)["purchase_days_next_30"] > 0)


def test_back_tests_of_what_serves_are_with_its_seasons() -> None:
    """A shop where hardly anybody buys from April to June: the newest window, as the one of the year before."""
    bought = transactions.simulated(700)
    bought = bought.assign(day=bought["day"] + (pd.Timestamp(histories.AS_OF) - bought["day"].max()))
    is_kept = ~bought["day"].dt.month.isin([4, 5, 6]) | (bought["customer_sk"] % 3 == 0)
    trained = value_training.train(histories.of_purchases(bought[is_kept], cutoffs=8), None, ClvConfig())
    parameters, name = trained.fits[0].parameters, trained.verdict.model_name
    assert parameters
    assert dict(parameters["seasonal"])[90] > 1  # after June comes no quiet time
    assert "season" in trained.verdict.reason
    newest = {
        (each.model_name, each.metric): each.value
        for each in trained.metrics
        if (each.cutoff_date, each.horizon_days, each.population) == (NEWEST, 90, "purchases")
    }
    predicted, actual = newest[name, "predicted_total"], newest[name, "actual_total"]
    assert predicted is not None
    assert actual is not None
    bins = [
        each for each in trained.bins if (each.model_name, each.cutoff_date, each.horizon_days) == (name, NEWEST, 90)
    ]
    assert sum(each.predicted * each.row_count for each in bins) == pytest.approx(predicted)
    totals = {model: total for (model, metric), total in newest.items() if metric == "predicted_total"}
    misses = {model: abs(total - actual) for model, total in totals.items() if total is not None}
    assert min(misses, key=lambda model: misses[model]) == name  # the others foretell a quarter like any other
