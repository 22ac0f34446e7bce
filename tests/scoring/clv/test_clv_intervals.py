"""Intervals against a simulation, purchase by purchase, of the process that they are to bound."""

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.clv import ClvConfig
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.intervals import (
    Prediction,
    confidence_score,
    coverage,
    interval,
    learn_widening,
    relative_width,
)
from creamery.scoring.clv.nbd import Nbd
from creamery.scoring.clv.purchasing import GenerativeModel
from creamery.scoring.clv.spending import GammaGamma

CONFIG = ClvConfig()
MODEL = BgNbd(0.6, 60.0, 0.8, 3.0)
SPENDING = GammaGamma(6.0, 4.0, 15.0)
DAYS = 365


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "frequency": [0, 1, 5, 5, 40, 8],
            "recency_days": [0, 30, 150, 190, 700, 100],
            "age_days": [100, 200, 200, 200, 720, 700],
            "value_per_purchase": [np.nan, 20.0, 30.0, 30.0, 10.0, 25.0],
        }
    )


def prediction(rows: pd.DataFrame, model: GenerativeModel = MODEL) -> Prediction:
    return Prediction(rows, model.probability_alive(rows), DAYS)


def step_by_step(row: pd.Series, alive: float, draws: int) -> np.ndarray:
    """Draws of a customer's value in a year, one purchase after the other."""
    random = np.random.default_rng(11)
    x, m = row["frequency"], 0.0 if row["frequency"] == 0 else row["value_per_purchase"]
    rate = random.gamma(MODEL.r + x, 1 / (MODEL.alpha + row["age_days"]), draws)
    stop = random.beta(MODEL.a, MODEL.b + x, draws)
    spend = random.gamma(SPENDING.p * x + SPENDING.q, 1 / (SPENDING.v + x * m), draws)
    active = random.random(draws) < alive
    time, value = np.zeros(draws), np.zeros(draws)
    while active.any():
        time = time + random.exponential(1 / rate)
        active &= time <= DAYS
        value += np.where(active, random.gamma(SPENDING.p, 1 / spend), 0.0)
        active &= random.random(draws) >= stop
    return value


def test_bounds_are_those_of_the_process(rows: pd.DataFrame) -> None:
    low, high = interval(MODEL, SPENDING, prediction(rows), 1.0, CONFIG)
    for place, (_, row) in enumerate(rows.iterrows()):
        drawn = step_by_step(row, prediction(rows).presence[place], 20_000)
        spread = np.quantile(drawn, 0.9) - np.quantile(drawn, 0.1)
        assert low[place] == pytest.approx(np.quantile(drawn, 0.1), abs=0.1 * spread + 1e-9)
        assert high[place] == pytest.approx(np.quantile(drawn, 0.9), abs=0.15 * spread + 1e-9)


def test_the_same_customer_in_any_frame_has_the_same_bounds(rows: pd.DataFrame) -> None:
    low, high = interval(MODEL, SPENDING, prediction(rows), 1.2, CONFIG)
    for places in ([3], [5, 0, 2], [4, 3, 2, 1, 0]):
        some = interval(MODEL, SPENDING, prediction(rows.iloc[places]), 1.2, CONFIG)
        np.testing.assert_allclose(some, (low[places], high[places]), rtol=1e-12)


def test_chunks_of_states_change_nothing(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = interval(MODEL, SPENDING, prediction(rows), 1.0, CONFIG)
    monkeypatch.setattr("creamery.scoring.clv.intervals._CHUNK", 2)
    np.testing.assert_array_equal(interval(MODEL, SPENDING, prediction(rows), 1.0, CONFIG), whole)


def test_widening_only_widens(rows: pd.DataFrame) -> None:
    low, high = interval(MODEL, SPENDING, prediction(rows), 1.0, CONFIG)
    wider_low, wider_high = interval(MODEL, SPENDING, prediction(rows), 1.7, CONFIG)
    assert (wider_low <= low).all()
    assert (wider_high >= high).all()
    assert (wider_low >= 0).all()
    assert (wider_high > high).any()


def world(model: GenerativeModel, customers: int, busier: float) -> tuple[Prediction, np.ndarray]:
    """Customers without a repeat purchase, and their next year in the model's world or a busier one."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"frequency": 0, "recency_days": 0, "age_days": np.full(customers, 50)})
    frame["value_per_purchase"] = np.nan
    rate = random.gamma(model.r, 1 / (model.alpha + 50), customers) * busier
    spend = random.gamma(SPENDING.q, 1 / SPENDING.v, customers)
    count = random.poisson(rate * DAYS)
    return prediction(frame, model), random.gamma(SPENDING.p * count + 1e-12, 1 / spend) * (count > 0)


def test_eighty_in_a_hundred_are_covered_in_the_models_own_world() -> None:
    model = Nbd(2.0, 100.0)
    past, actual = world(model, 4_000, busier=1.0)
    assert coverage(model, SPENDING, past, actual, 1.0, CONFIG).share == pytest.approx(0.8, abs=0.025)


def test_widening_is_learned_from_a_world_that_was_busier() -> None:
    model = Nbd(2.0, 100.0)
    past, actual = world(model, 4_000, busier=1.6)
    before = coverage(model, SPENDING, past, actual, 1.0, CONFIG).share
    learned = learn_widening(model, SPENDING, past, actual, CONFIG)
    assert before < 0.78
    assert learned.widening > 1
    assert learned.share == pytest.approx(0.8, abs=0.02)
    same = coverage(model, SPENDING, past, actual, learned.widening, CONFIG)
    np.testing.assert_array_equal(same.covered, learned.covered)


def test_losses_count_as_nothing(rows: pd.DataFrame) -> None:
    nothing = coverage(MODEL, SPENDING, prediction(rows), np.zeros(6), 1.0, CONFIG)
    loss = coverage(MODEL, SPENDING, prediction(rows), np.full(6, -5.0), 1.0, CONFIG)
    np.testing.assert_array_equal(nothing.covered, loss.covered)


def test_presence_above_one_multiplies(rows: pd.DataFrame) -> None:
    once = interval(MODEL, SPENDING, Prediction(rows, np.ones(6), DAYS), 1.0, CONFIG)
    twice = interval(MODEL, SPENDING, Prediction(rows, np.full(6, 2.0), DAYS), 1.0, CONFIG)
    np.testing.assert_allclose(twice, np.multiply(once, 2))


def test_who_has_probably_left_may_bring_nothing() -> None:
    busy = pd.DataFrame({"frequency": [40], "recency_days": [100], "age_days": [100], "value_per_purchase": [10.0]})
    (here,), _ = interval(MODEL, SPENDING, Prediction(busy, np.array([1.0]), DAYS), 1.0, CONFIG)
    (low,), (high,) = interval(MODEL, SPENDING, Prediction(busy, np.array([0.5]), DAYS), 1.0, CONFIG)
    assert here > 0
    assert low == 0
    assert high > here


def test_confidence_falls_with_the_width() -> None:
    width = relative_width(np.array([0.0, 0.0, 5.0, 0.0]), np.array([0.0, 10.0, 15.0, 30.0]), np.array([1e-9, 5, 5, 5]))
    scores = confidence_score(width, median_width=2.0)
    assert list(scores) == [100.0, 50.0, 50.0, 25.0]
    assert list(confidence_score(np.array([0.0, 1.0]), 0.0)) == [100.0, 0.0]
