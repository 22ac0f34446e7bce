"""A back-test knows what was known on its day, and nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.clv import BASELINES, CANDIDATES, ClvConfig, PastCutoff, back_test, fit, score, timing_of
from creamery.scoring.clv.frames import distinct, known_before
from creamery.scoring.clv.seasonal import seasonal_factor
from tests.scoring.clv import transactions

CONFIG = ClvConfig()
NAMES = sorted(CANDIDATES | BASELINES)


@pytest.mark.parametrize("name", ["bg_nbd", "mean", "heuristic"])
def test_what_came_later_changes_no_prediction(name: str, history: list[PastCutoff]) -> None:
    """Corrupt all that was not known at the third cut-off: newer cut-offs, and windows that were still open."""
    past, days_ago = history[2], history[2].days_ago
    corrupted = []
    for each in history:
        known = each.days_ago - days_ago
        open_windows = {
            name: 99.0 for name in each.outcomes if "_next_" in name and known < int(name.rpartition("_")[2])
        }
        purchases = each.purchases.assign(frequency=77) if known < 0 else each.purchases
        corrupted.append(PastCutoff(each.days_ago, purchases, each.outcomes.assign(**open_windows)))
    config = ClvConfig(judged_days=180)  # of the second cut-off, that window was still open on the third
    honest = back_test(name, past, history, 90, config)
    other = back_test(name, past, corrupted, 90, config)
    np.testing.assert_array_equal(honest.deciles["predicted_mean"], other.deciles["predicted_mean"])
    assert honest.purchases == other.purchases


@pytest.mark.parametrize(
    ("name", "number", "window"), [("bg_nbd", 3, 90), ("nbd", 3, 90), ("decayed_rate", 0, 365), ("mean", 0, 365)]
)
def test_what_is_tested_is_what_would_have_served(
    name: str, number: int, window: int, history: list[PastCutoff], days: pd.DataFrame
) -> None:
    """With the seasons of the year before, and over windows that a champion was not judged on."""
    past = history[number]
    known = [*history, transactions.cutoff(days, "2024-09-20", "2025-12-30")]
    config = replace(CONFIG, purchase_model=name, is_seasonal=True)
    tested = back_test(name, past, known, window, config)
    model, _ = fit(past.purchases, known_before(known, past.days_ago), config)
    assert bool(model.seasonal) == (number == 3)
    served = score(past.closed(window).purchases, model, config)[f"expected_purchases_{window}"]
    assert tested.purchases.predicted_total == pytest.approx(served.sum())
    plain = back_test(name, past, known, window, replace(config, is_seasonal=False))
    assert (tested.purchases != plain.purchases) == bool(model.seasonal)


def test_models_beat_the_heuristic_in_their_own_world(history: list[PastCutoff]) -> None:
    errors = {
        name: back_test(name, history[2], history, 180, CONFIG).purchases.root_mean_squared_error for name in NAMES
    }
    assert min(errors, key=lambda name: errors[name]) in ("bg_nbd", "mean")
    assert errors["bg_nbd"] < errors["heuristic"]


def test_coverage_is_reported_by_decile(history: list[PastCutoff]) -> None:
    result = back_test("bg_nbd", history[1], history, 180, CONFIG)
    assert result.deciles["coverage"].between(0.6, 1).all()
    assert result.interval_coverage == pytest.approx(0.8, abs=0.06)
    assert np.isnan(back_test("heuristic", history[1], history, 180, CONFIG).interval_coverage)


def test_customers_whose_window_is_open_are_left_out(history: list[PastCutoff]) -> None:
    past = history[2]
    newer = past.outcomes["customer_sk"] % 2 == 0
    outcomes = past.outcomes.assign(observed_days=np.where(newer, 89, 90))
    result = back_test("bg_nbd", PastCutoff(past.days_ago, past.purchases, outcomes), history, 90, CONFIG)
    assert result.purchases.customers == (~newer).sum()
    assert result.purchases.actual_total == past.outcomes.loc[~newer, "purchase_days_next_90"].sum()


def test_distinct_states_lead_back_to_the_rows() -> None:
    columns = tuple(np.array(each) for each in ([3, 0, 3, 1], [5, 0, 5, 9]))
    states = distinct(*columns)
    assert list(states.weights) == [1, 1, 2]
    for state, column in zip(states.columns, columns, strict=True):
        np.testing.assert_array_equal(state[states.index], column)


def test_a_season_of_few_purchases_is_hardly_one() -> None:
    assert seasonal_factor(np.array([1_000.0]), np.array([1_000.0])) == 1.0
    assert seasonal_factor(np.array([600.0]), np.array([1_000.0])) == pytest.approx(650 / 1_050)
    assert seasonal_factor(np.array([0.0]), np.array([10.0])) == pytest.approx(50 / 60)
    assert seasonal_factor(np.empty(0), np.empty(0)) == 1.0
    assert seasonal_factor(np.array([9_999.0]), np.array([10.0])) == 2.0


def gaps(shape: float, customers: int = 800, each: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(8)
    mean = random.gamma(4, 10, customers)[:, None]
    days = np.maximum(np.rint(random.gamma(shape, 1 / shape, (customers, each)) * mean), 1).ravel()
    return pd.DataFrame({"customer_sk": np.repeat(np.arange(customers), each), "gap_days": days})


def test_purchases_at_random_are_not_regular() -> None:
    timing = timing_of(gaps(1.0))
    assert timing.shape == pytest.approx(timing.poisson_shape, abs=0.12)
    assert not timing.is_regular
    assert "no regular-timing model" in str(timing)


def test_purchases_like_clockwork_are_regular() -> None:
    assert timing_of(gaps(3.0)).is_regular
    monthly = pd.DataFrame({"customer_sk": [1, 1, 1, 2, 2], "gap_days": [30, 30, 30, 7, 7]})
    assert timing_of(monthly).is_regular


def test_too_few_gaps_say_nothing() -> None:
    timing = timing_of(pd.DataFrame({"customer_sk": [1, 2], "gap_days": [10, 20]}))
    assert timing.gaps == 0
    assert not timing.is_regular
