"""Every task learns from any shop, however odd, and what it learned scores it."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from creamery.modelling import scores, training
from creamery.modelling.history import History
from creamery.modelling.registry import Decision, Task, Training
from tests.modelling import histories
from tests.modelling.histories import AS_OF
from tests.scoring.clv import transactions

FIRST = pd.Timestamp(AS_OF - timedelta(days=700))


def purchases(customers: int, each: int = 1, value: float = 40.0) -> pd.DataFrame:
    """Everybody buys `each` times, at a pace of its own, from a day of its own."""
    numbers = np.arange(customers)
    rows = [
        pd.DataFrame({"customer_sk": numbers, "ago": 1 + numbers * 7 % 690 - time * (3 + numbers % 40)})
        for time in range(each)
    ]
    bought = pd.concat(rows, ignore_index=True)
    bought = bought[bought["ago"] >= 0]
    days = pd.Timestamp(AS_OF) - pd.to_timedelta(bought["ago"], unit="D")
    return pd.DataFrame({"customer_sk": bought["customer_sk"], "day": days, "value": value + bought["customer_sk"] % 9})


def on_one_day(customers: int) -> pd.DataFrame:
    return purchases(customers).assign(day=FIRST)


def everybody_returns(customers: int) -> pd.DataFrame:
    """One class: nobody is ever silent for long."""
    weeks = [on_one_day(customers).assign(day=FIRST + pd.Timedelta(days=20 * week)) for week in range(36)]
    return pd.concat(weeks, ignore_index=True)


def at_a_loss(customers: int) -> pd.DataFrame:
    return purchases(customers, 4).assign(value=-5.0)


def with_the_future(customers: int) -> pd.DataFrame:
    """Orders that are dated after the day: they are not known on it."""
    known = purchases(customers, 4)
    return pd.concat([known, known.assign(day=pd.Timestamp(AS_OF) + pd.Timedelta(days=30))], ignore_index=True)


SHOPS = {
    "no repeat buyers": (purchases(300), "heuristic", "rhythm_rule"),
    "one customer": (purchases(1, 9), "heuristic", "rhythm_rule"),
    "one day": (on_one_day(150), "heuristic", "rhythm_rule"),
    "one class": (everybody_returns(110), None, "rhythm_rule"),
    "losses": (at_a_loss(150), None, None),
    "fifty customers": (purchases(50, 5), "heuristic", "rhythm_rule"),
    "future": (with_the_future(50), "heuristic", "rhythm_rule"),
    "nobody": (purchases(1).iloc[:0], "heuristic", "rhythm_rule"),
}


def learned(known: History, task: Task) -> Training:
    trained = training.learn(task, known, None)
    names = {name for name, _, _ in training.models_of(task)}
    written = {each.model_name for each in (*trained.fits, *trained.metrics, *trained.bins, trained.verdict)}
    assert written <= names
    assert trained.verdict.reason
    json.dumps([fit.metrics for fit in trained.fits], allow_nan=False)
    return trained


def scored(trained: Training, features: pd.DataFrame) -> pd.DataFrame:
    """By what the registry would give back; who has no fit is served by what serves untrained."""
    (fit,) = trained.fits
    if fit.parameters is None:
        return scores.UNTRAINED_SCORERS[trained.task](features)(features, AS_OF)
    parameters = json.loads(json.dumps(fit.parameters, allow_nan=False))
    return scores.SCORERS[trained.task](parameters)(features, AS_OF)


@pytest.mark.parametrize("shop", sorted(SHOPS))
def test_value(shop: str) -> None:
    days, method, _ = SHOPS[shop]
    known = histories.of_purchases(days)
    trained = learned(known, Task.LIFETIME_VALUE)
    repeat = int((known.today["frequency"] > 0).sum())
    few = f"Under 100 repeat customers ({repeat}): the heuristic serves."
    assert trained.verdict.reason.startswith(few) == (repeat < 100) == (method == "heuristic")
    result = scored(trained, known.today)
    assert result["customer_sk"].tolist() == known.today["customer_sk"].tolist()
    values = result[["predicted_clv_1_year", "predicted_clv_3_year", "predicted_clv_lifetime"]].to_numpy()
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (result["clv_p10"].isna() | (result["clv_p10"] <= result["clv_p90"])).all()
    assert all(name.startswith(method or "") for name in result["clv_method"])
    assert len(set(result["clv_method"])) <= 1
    if shop == "losses":
        assert not values.any()


@pytest.mark.parametrize("shop", sorted(SHOPS))
def test_churn(shop: str) -> None:
    days, _, method = SHOPS[shop]
    known = histories.of_purchases(days)
    trained = learned(known, Task.CHURN)
    result = scored(trained, known.today)
    assert result["customer_sk"].tolist() == known.today["customer_sk"].tolist()
    assert result["churn_probability"].between(0, 1).all()
    assert result["is_single_order"].tolist() == (known.today["frequency"] == 0).tolist()
    if method:
        assert set(result["churn_method"]) <= {method}
        assert trained.verdict.reason.startswith("No model can be judged: rhythm_rule (")


@pytest.mark.parametrize("shop", sorted(SHOPS))
def test_propensity_and_clusters(shop: str) -> None:
    known = histories.of_purchases(SHOPS[shop][0])
    bought = scored(learned(known, Task.PROPENSITY), known.today)
    assert bought["purchase_probability_30"].between(0, 1).all()
    assert set(bought["customer_sk"]) <= set(known.today["customer_sk"])
    clusters = scored(learned(known, Task.CLUSTERS), known.today)
    assert clusters["customer_sk"].tolist() == known.today["customer_sk"].tolist()
    assert clusters["cluster_name"].ne("").all()


def test_a_shop_without_a_closed_window() -> None:
    known = histories.of_purchases(purchases(300, 6), cutoffs=1).seen_from(AS_OF - timedelta(days=90))
    young = replace(known, today=known.features, features=known.features.iloc[:0], outcomes=known.outcomes.iloc[:0])
    for task in Task:
        trained = learned(young, task)
        assert len(scored(trained, young.today)) in (0, len(young.today))  # propensity says nothing where it cannot
        # A fit that fails is no reason to serve nothing.
        assert (trained.verdict.decision is Decision.RETAINED) == (trained.fits[0].failure is not None)


def test_a_shop_of_subscribers_alone() -> None:
    """They bought nothing else: no task has anybody to learn from, and only their subscriptions are worth something."""
    nobody = histories.of_purchases(purchases(1).iloc[:0])
    running = pd.DataFrame({"age_months": [3, 9, 20], "has_ended": [True, True, False], "count": [20, 10, 60]})
    known = replace(nobody, subscriptions=running)
    features = histories.features_at(purchases(8), AS_OF)
    bought = [name for name in features if name not in ("customer_sk", "as_of_date")]
    features[bought] = np.nan
    features["subscription_value_per_year"], features["subscription_age_days"] = 120.0, 200.0
    features["active_subscription_count"], features["days_since_last_order"] = 1, 200
    churn, *_ = (learned(known, task) for task in (Task.CHURN, Task.PROPENSITY, Task.CLUSTERS))
    result = scored(learned(known, Task.LIFETIME_VALUE), features)
    assert set(result["clv_method"]) == {"subscription"}
    assert result["predicted_clv_1_year"].between(60, 120).all()
    assert not result["expected_purchases_365"].any()
    untrained = scores.UNTRAINED_SCORERS[Task.LIFETIME_VALUE](nobody.today)(features, AS_OF)
    assert untrained["predicted_clv_1_year"].between(1, 120).all()
    for risks in (scored(churn, features), scores.UNTRAINED_SCORERS[Task.CHURN](nobody.today)(features, AS_OF)):
        assert set(risks["churn_method"]) == {"subscription"}
        assert risks["churn_probability"].between(0.01, 0.5).all()
        assert risks["top_churn_factor_1"].isna().all()


def test_a_shop_of_enough_repeat_buyers_is_foretold_by_a_model() -> None:
    """What the odd shops are odd against."""
    bought = transactions.simulated(900)
    moved = bought.assign(day=bought["day"] + (pd.Timestamp(AS_OF) - bought["day"].max()))
    known = histories.of_purchases(moved, cutoffs=4)
    trained = learned(known, Task.CHURN)
    assert trained.verdict.model_name != "rhythm_rule"
    assert set(scored(trained, known.today)["churn_method"]) == {trained.verdict.model_name}
    assert scored(learned(known, Task.LIFETIME_VALUE), known.today)["clv_p90"].notna().all()
