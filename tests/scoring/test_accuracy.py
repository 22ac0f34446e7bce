"""The measures that every model and baseline is compared by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creamery.scoring.accuracy import decile_table, scorecard


def test_measures_of_four_customers() -> None:
    card = scorecard(np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.0, 4.0, 0.0, 1.0]))
    assert (card.customers, card.predicted_total, card.actual_total) == (4, 4.0, 5.0)
    assert card.bias_percent == pytest.approx(-20.0)
    assert card.mean_absolute_error == pytest.approx(0.75)
    assert card.root_mean_squared_error == pytest.approx(np.sqrt(5 / 4))
    assert card.pearson == pytest.approx(4 / np.sqrt(2 * 10.75))
    assert card.top_decile_lift == pytest.approx(4 / 1.25)


def test_deciles_run_from_the_highest_prediction() -> None:
    predicted = np.arange(20.0)
    table = decile_table(predicted, predicted * 2, covered=np.r_[np.zeros(10), np.ones(10)])
    assert list(table["decile"]) == list(range(1, 11))
    assert list(table["customers"]) == [2] * 10
    assert table["predicted_mean"].iloc[0] == 18.5
    assert table["actual_mean"].iloc[-1] == 1.0
    assert list(table["coverage"]) == [1.0] * 5 + [0.0] * 5


def test_equal_predictions_lift_nothing() -> None:
    actual = np.r_[np.full(10, 9.0), np.zeros(90)]
    assert scorecard(np.ones(100), actual).top_decile_lift == pytest.approx(1.0)
    assert scorecard(actual, actual).top_decile_lift == pytest.approx(10.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=60), st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[tuple[int, int]], random: object) -> None:
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    one, other = (decile_table(*np.array(each, dtype=float).T) for each in (rows, shuffled))
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy())


def test_what_cannot_be_said_is_nan() -> None:
    assert scorecard(np.empty(0), np.empty(0)).customers == 0
    nothing = scorecard(np.array([1.0, 2.0]), np.zeros(2))
    assert np.isnan([nothing.bias_percent, nothing.pearson, nothing.top_decile_lift]).all()
    assert nothing.mean_absolute_error == 1.5
    assert np.isnan(scorecard(np.array([1.0]), np.array([1.0])).pearson)
