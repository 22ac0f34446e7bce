"""Horizons, labels, the rule score and the split by time: every boundary from both sides."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.churn.labels import ChurnConfig, HorizonRule, can_decline, churned, declined, horizon_rule
from creamery.scoring.churn.rhythm_rule import category, rhythm_rule, rule_parts
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.cutoffs import customer_hash, split, teaching_rows
from tests.scoring import frames

QUIET = {
    **{"frequency": 0, "last_gap_mean_days": np.nan, "age_days": 400, "days_since_last_order": 400},
    **{f"{measure}_{days}": 0 for measure in ("purchase_days", "spend") for days in (30, 90, 180, 365)},
    "gap_change_percent": np.nan,
}


def _customers(*changes: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame([{**QUIET, **change} for change in changes])


def test_a_personal_horizon_is_three_gaps_between_28_and_90_days() -> None:
    gaps = [(1, 5.0), (2, 9.0), (2, 9.34), (5, 20.0), (12, 30.0), (12, 31.0), (0, np.nan)]
    frame = pd.DataFrame(gaps, columns=["frequency", "last_gap_mean_days"])
    assert HorizonRule(90, True).horizons(frame).tolist() == [28, 28, 29, 60, 90, 90, 28]
    assert HorizonRule(60, False).horizons(frame).tolist() == [60] * 7


@pytest.mark.parametrize(("median", "is_personal"), [(14.0, True), (14.1, False)])
def test_the_median_gap_of_repeat_buyers_makes_a_quick_shop(median: float, is_personal: bool) -> None:
    frame = pd.DataFrame({"frequency": [0, 1, 4, 9], "last_gap_mean_days": [np.nan, 1, median, 300]})
    assert horizon_rule(frame, ChurnConfig()) == HorizonRule(90, is_personal)


def test_a_shop_without_repeat_buyers_has_the_fixed_horizon() -> None:
    frame = pd.DataFrame({"frequency": [0], "last_gap_mean_days": [np.nan]})
    assert horizon_rule(frame, ChurnConfig()) == HorizonRule(90, False)


def test_churned_is_no_purchase_within_the_horizon_of_a_closed_window() -> None:
    known = pd.DataFrame({"next_purchase_days": [90, 91, np.nan, 5, 5], "observed_days": [90, 120, 90, 90, 89]})
    np.testing.assert_array_equal(churned(known, np.full(5, 90.0)), [0, 1, 1, 0, np.nan])


def test_declined_is_under_a_quarter_of_the_prior_rate() -> None:
    # 26 purchase days in 180 are 8.09 in 56, a quarter of which is 2.02; a customer of yesterday counts as 56 days old.
    rows = [(26, 400, 3, 56), (26, 400, 2, 56), (26, 400, 0, 55), (1, 1, 0, 56), (1, 1, 1, 56), (0, 400, 0, 56)]
    frame = pd.DataFrame(rows, columns=["purchase_days_180", "age_days", "purchase_days_next_56", "observed_days"])
    np.testing.assert_array_equal(declined(frame, frame), [0, 1, np.nan, 1, 0, np.nan])
    assert can_decline(frame).tolist() == [True] * 5 + [False]


def test_the_rule_score_is_100_for_silence_and_low_for_a_steady_buyer() -> None:
    steady = {"frequency": 50, "last_gap_mean_days": 7, "days_since_last_order": 3, "purchase_days_30": 4}
    steady |= {"purchase_days_90": 12, "purchase_days_365": 50, "spend_30": 40, "spend_90": 120, "spend_365": 500}
    assert rhythm_rule(_customers({"gap_change_percent": 50}, {}, steady)).tolist() == [100, 95, 3]


def test_recency_is_measured_in_the_customers_own_gaps() -> None:
    weekly = {"frequency": 20, "last_gap_mean_days": 7, "days_since_last_order": 21}
    monthly = {"frequency": 20, "last_gap_mean_days": 35, "days_since_last_order": 21}
    two_orders = {"frequency": 1, "last_gap_mean_days": 7, "days_since_last_order": 45}
    parts = rule_parts(_customers(weekly, monthly, two_orders))
    np.testing.assert_allclose(parts.recency, [30 * 21 / 28, 30 * 21 / 105, 15])


def test_a_slow_buyer_is_not_at_risk_between_two_purchases() -> None:
    slow = {"frequency": 8, "last_gap_mean_days": 60, "days_since_last_order": 40, "purchase_days_90": 1}
    slow |= {"purchase_days_365": 6, "spend_90": 50, "spend_365": 300}
    assert category(rhythm_rule(_customers(slow))).tolist() == ["Low"]


def test_a_new_customer_is_low_for_30_days() -> None:
    fresh = {"days_since_last_order": 29, "age_days": 29, "spend_30": -5, "spend_90": -5, "purchase_days_30": 1}
    fresh |= {"purchase_days_90": 1, "purchase_days_365": 1}
    month_old = fresh | {"age_days": 30}
    scores = rhythm_rule(_customers(fresh, month_old))
    assert scores[0] == 25
    assert scores[1] > 25  # of its refunds, not of negative spending being 'under a share'
    assert scores[1] == round(29 / 90 * 30 + 25 + 10)


def test_categories_end_at_25_50_75() -> None:
    scores = np.array([0, 25, 26, 50, 51, 75, 76, 100])
    expected = ["Low", "Low", "Medium", "Medium", "High", "High", "Critical", "Critical"]
    assert category(scores).tolist() == expected


def _windows(*observed: tuple[str, int], customers: int = 50) -> pd.DataFrame:
    days = pd.DataFrame(observed, columns=["as_of_date", "observed_days"])
    days["as_of_date"] = pd.to_datetime(days["as_of_date"])
    return days.merge(pd.DataFrame({"customer_sk": range(customers)}), how="cross")


def test_the_newest_closed_cutoff_validates_and_open_ones_are_not_used() -> None:
    rows = _windows(("2026-01-01", 270), ("2026-04-01", 180), ("2026-06-30", 90), ("2026-09-28", 0))
    parts = split(rows, 90)
    assert parts is not None
    days = rows["as_of_date"].astype(str)
    assert [set(days[mask]) for mask in (parts.training, parts.calibration, parts.validation)] == [
        {"2026-01-01"}, {"2026-04-01"}, {"2026-06-30"},
    ]  # fmt: skip


def test_a_cutoff_whose_window_runs_into_the_validation_does_not_teach() -> None:
    rows = _windows(("2026-03-31", 181), ("2026-04-02", 179), ("2026-06-30", 90))
    parts = split(rows, 90)
    assert parts is not None
    assert not parts.used[rows["as_of_date"] == "2026-04-02"].any()
    assert not (parts.training & parts.calibration).any()
    assert parts.training.sum() > parts.calibration.sum() > 0


def test_one_closed_cutoff_is_no_split() -> None:
    assert split(_windows(("2026-06-30", 90), ("2026-07-30", 60)), 90) is None
    assert split(_windows(("2026-06-30", 10)), 90) is None
    assert split(_windows(("2026-06-30", 90), customers=0), 90) is None


def test_a_sample_is_of_whole_customers_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creamery.scoring.cutoffs._sampled.__defaults__", (60,))
    features = _windows(("2025-10-01", 0), ("2026-01-01", 0), ("2026-04-01", 0), ("2026-06-30", 0))
    known = _windows(("2025-10-01", 365), ("2026-01-01", 270), ("2026-04-01", 180), ("2026-06-30", 90))
    rows, parts = teaching_rows(features.drop(columns="observed_days").sample(frac=1, random_state=0), known, 90)
    assert parts is not None
    assert parts.training.sum() <= 60
    assert rows[parts.training].groupby("customer_sk").size().eq(2).all()
    assert len(np.unique(customer_hash(known["customer_sk"]))) == 50


def test_rows_of_a_split_do_not_depend_on_their_order() -> None:
    features = frames.customers(80, as_of=date(2026, 1, 1))
    known = frames.outcomes(features, 100)
    straight, _ = teaching_rows(features, known, 90)
    mixed, _ = teaching_rows(features.sample(frac=1, random_state=1), known.sample(frac=1, random_state=2), 90)
    pd.testing.assert_frame_equal(straight, mixed)


def test_silence_under_bg_nbd() -> None:
    """The worked state of Fader, Hardie & Lee (2005), in weeks; one-time buyers and the limits in time by reason."""
    model = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
    frame = pd.DataFrame({"frequency": [2, 0], "recency_days": [30.43, 0], "age_days": [38.86, 38.86]})
    assert model.probability_alive(frame)[0] == pytest.approx(0.7266, abs=2e-3)
    assert model.probability_alive(frame)[1] == 1
    by_horizon = [model.no_purchase_probability(frame, days) for days in (0, 1, 10, 1e12)]
    assert by_horizon[0].tolist() == [1, 1]
    assert all((after < before).all() for before, after in pairwise(by_horizon))
    assert by_horizon[-1][0] == pytest.approx(1 - model.probability_alive(frame)[0], abs=1e-3)
    own = model.no_purchase_probability(frame, np.array([1.0, 10.0]))
    assert own.tolist() == [by_horizon[1][0], by_horizon[2][1]]


def test_silence_under_bg_nbd_agrees_with_simulation() -> None:
    model, random = BgNbd(r=0.5, alpha=10, a=0.8, b=2.5), np.random.default_rng(0)
    draws, horizon = 200_000, 20
    rate = random.gamma(model.r + 3, 1 / (model.alpha + 60), draws)
    frame = pd.DataFrame({"frequency": [3], "recency_days": [50], "age_days": [60]})
    is_alive = random.random(draws) < model.probability_alive(frame)[0]
    none = ~is_alive | (random.exponential(1 / rate) > horizon)
    assert model.no_purchase_probability(frame, horizon)[0] == pytest.approx(none.mean(), abs=0.004)
