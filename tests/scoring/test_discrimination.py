"""Figures of merit, against values worked out by hand."""

import numpy as np
import pytest

from creamery.scoring import discrimination as d
from creamery.scoring.calibration import Platt, fit_platt, log_odds

TRUTH = [True, False, True, False]
GUESS = [0.9, 0.6, 0.4, 0.1]


def test_ranking() -> None:
    assert d.auc(TRUTH, GUESS) == 0.75  # three of the four pairs are in order
    assert d.average_precision(TRUTH, GUESS) == pytest.approx((1 + 2 / 3) / 2)


def test_errors_of_probabilities() -> None:
    assert d.brier(TRUTH, GUESS) == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert d.log_loss([True, False], [0.5, 0.5]) == pytest.approx(np.log(2))
    assert np.isfinite(d.log_loss([True], [0.0]))


def test_calibration_error_weighs_the_bins_by_their_customers() -> None:
    # Three at 0.25, one of them an event, and one at 0.85 without: 3/4 * |.25 - 1/3| + 1/4 * .85.
    assert d.calibration_error([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.85]) == pytest.approx(0.0625 + 0.2125)
    assert d.calibration_bins([1, 0], [1.0, 0.0])["bin"].tolist() == [1, 10]


@pytest.mark.parametrize("truth", [[], [True, True]])
def test_one_class_has_no_ranking(truth: list[bool]) -> None:
    assert np.isnan(d.auc(truth, [0.5] * len(truth)))
    assert np.isnan(d.average_precision(truth, [0.5] * len(truth)))


def test_decile_lift() -> None:
    table = d.decile_lift(np.arange(100) < 10, np.linspace(1, 0, 100))
    assert table["lift"].tolist() == [10.0] + [0.0] * 9
    assert table["customers"].tolist() == [10] * 10


def test_decile_lift_of_one_probability_is_one_in_any_order() -> None:
    table = d.decile_lift(np.arange(100) < 10, np.full(100, 0.3))
    np.testing.assert_allclose(table["lift"], 1)


def test_stability_index() -> None:
    values = np.random.default_rng(0).normal(size=5000)
    assert d.population_stability_index(values, values) == 0
    assert d.population_stability_index(values, values + 1) > 0.25
    assert d.population_stability_index(values, np.full(10, np.nan)) > 0.25
    assert np.isnan(d.population_stability_index([], values))
    # Two halves before, all in the upper one now; an empty bin counts as 1 in 10,000.
    expected = (1 - 0.5) * np.log(1 / 0.5) + (1e-4 - 0.5) * np.log(1e-4 / 0.5)
    assert d.population_stability_index([0, 0, 1, 1], [1, 1], bins=2) == pytest.approx(expected, abs=1e-3)


def test_platt_undoes_a_known_distortion() -> None:
    random = np.random.default_rng(0)
    true = random.normal(1, 2, 50_000)
    is_event = random.random(50_000) < 1 / (1 + np.exp(-true))
    line = fit_platt((true - 1.5) / 0.4, is_event)
    assert line.slope == pytest.approx(0.4, abs=0.02)
    assert line.offset == pytest.approx(1.5, abs=0.05)


def test_platt_converges_from_scores_that_are_far_off() -> None:
    raw = np.repeat([-5.0, 3.0], 5000)
    is_event = np.r_[np.arange(5000) < 2650, np.arange(5000) < 4800]
    np.testing.assert_allclose(fit_platt(raw, is_event).probability(np.array([-5.0, 3.0])), [0.53, 0.96], atol=0.002)


def test_platt_without_rows_or_with_one_class() -> None:
    assert fit_platt(np.empty(0), np.empty(0, dtype=bool)) == Platt()
    sure = fit_platt(np.zeros(50), np.ones(50, dtype=bool)).probability(np.zeros(1))
    assert 0.9 < sure[0] < 1
    assert fit_platt(np.linspace(-3, 3, 500), np.linspace(-3, 3, 500) < 0).slope > 0
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
