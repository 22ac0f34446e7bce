"""What every candidate and baseline keeps, and what is special about each."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from creamery.errors import DropoutNotIdentifiedError, NotConvergedError, ScoringError, TooLittleHistoryError
from creamery.scoring.clv import BASELINES, CANDIDATES, ClvConfig, PastCutoff
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.boosting import FEATURES, AdditiveBoosting
from creamery.scoring.clv.nbd import Nbd
from creamery.scoring.clv.purchasing import fit_generative, from_parameters, kind_of, to_parameters
from creamery.scoring.clv.rates import DecayedRate, Heuristic, SameAsLastWindow

CONFIG = ClvConfig()
ALL = sorted(CANDIDATES | BASELINES)


@pytest.fixture(scope="module", params=ALL)
def model(request: pytest.FixtureRequest, purchases: pd.DataFrame, history: list[PastCutoff]):  # type: ignore[no-untyped-def]
    return kind_of(request.param).fit(purchases, history, CONFIG)[0]


def test_parameters_are_json_and_predict_identically(model, purchases: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
    again = from_parameters(json.loads(json.dumps(to_parameters(model))))
    np.testing.assert_array_equal(
        again.expected_purchases(purchases, 90), model.expected_purchases(purchases, 90), strict=True
    )


def test_expectations_are_finite_and_grow_with_the_horizon(model, purchases: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
    horizons = [model.expected_purchases(purchases, days) for days in (30, 90, 365, 1_095)]
    assert np.isfinite(horizons).all()
    assert (horizons[0] >= 0).all()
    if model.name != SameAsLastWindow.name:  # the last 365 days may be no more than the last 90
        assert (np.diff(horizons, axis=0) >= -1e-9).all()


def test_customers_do_not_depend_on_each_other(model, purchases: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
    whole = pd.Series(model.expected_purchases(purchases, 90), index=purchases.index)
    some = purchases.sample(200, random_state=3)
    np.testing.assert_array_equal(model.expected_purchases(some, 90), whole[some.index])


def test_no_customers_have_no_expectations(model, purchases: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
    assert model.expected_purchases(purchases.iloc[:0], 90).shape == (0,)


@pytest.mark.parametrize("name", ALL)
def test_the_order_of_rows_changes_no_fit(name: str, purchases: pd.DataFrame, history: list[PastCutoff]) -> None:
    shuffled = purchases.sample(frac=1, random_state=5)
    other = [
        PastCutoff(each.days_ago, each.purchases.sample(frac=1, random_state=6), each.outcomes) for each in history
    ]
    one = kind_of(name).fit(purchases, history, CONFIG)[0].expected_purchases(purchases, 90)
    two = kind_of(name).fit(shuffled, other, CONFIG)[0].expected_purchases(purchases, 90)
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ScoringError, match="pareto"):
        kind_of("pareto")


def test_bg_nbd_finds_the_world_that_was_simulated(purchases: pd.DataFrame) -> None:
    model, record = BgNbd.fit(purchases, (), CONFIG)
    assert model.r == pytest.approx(0.6, abs=4 * record.standard_errors["r"])
    assert model.a / (model.a + model.b) == pytest.approx(0.8 / 3.8, rel=0.2)


def test_expectation_is_the_integral_over_rate_and_dropout() -> None:
    """The closed form against numerical integration of (1 - exp(-lambda p t)) / p over the posterior if alive."""
    model, days = BgNbd(0.6, 60.0, 0.8, 3.0), 365.0
    frequency, age = 4, 200
    levels = (np.arange(1_000) + 0.5) / 1_000
    rate = stats.gamma(model.r + frequency, scale=1 / (model.alpha + age)).ppf(levels)[:, None]
    dropout = stats.beta(model.a, model.b + frequency).ppf(levels)
    value = (-np.expm1(-rate * dropout * days) / dropout).mean()
    assert float(model.expected_if_alive(frequency, age, days)) == pytest.approx(value, rel=2e-3)


@pytest.mark.parametrize("a", [0.999, 1.0, 1.001])
def test_expectation_is_smooth_where_the_formula_has_a_pole(a: float) -> None:
    around = [float(BgNbd(0.6, 60.0, each, 3.0).expected_if_alive(2, 100, 365)) for each in (0.99, a, 1.01)]
    assert around[0] > around[1] > around[2]


@given(st.integers(0, 2_000), st.integers(0, 4_000), st.floats(0.05, 5), st.floats(0.05, 20))
@example(frequency=102, age=0, a=1.5, b=2.0)
def test_expectation_is_finite_at_any_frequency(frequency: int, age: int, a: float, b: float) -> None:
    value = float(BgNbd(0.5, 30.0, a, b).expected_if_alive(frequency, age, 3_650))
    assert np.isfinite(value)
    assert 0 <= value <= (0.5 + frequency) / (30 + age) * 3_650 + 1e-6  # NBD's, without dropout


def forever(customers: int) -> pd.DataFrame:
    """Customers who never stop."""
    random = np.random.default_rng(2)
    age = random.integers(200, 800, customers)
    times = random.gamma(1.0, 1 / 50, customers)[:, None]
    count = random.poisson(times[:, 0] * age)
    last = [random.integers(1, each_age + 1, max(number, 1)).max() for number, each_age in zip(count, age, strict=True)]
    recency = np.where(count > 0, last, 0)
    return pd.DataFrame({"frequency": count, "recency_days": recency, "age_days": age})


def test_without_dropout_nbd_serves() -> None:
    rows = forever(1_500)
    with pytest.raises(DropoutNotIdentifiedError):
        BgNbd.fit(rows, (), CONFIG)
    model, record = fit_generative(rows, CONFIG)
    assert isinstance(model, Nbd)
    assert model.r / model.alpha == pytest.approx(1 / 50, rel=0.1)
    assert "NBD" in record.notes[0]


@pytest.mark.parametrize("age", [0, 400])
def test_nothing_to_fit_is_an_error_by_name(age: int) -> None:
    rows = pd.DataFrame({"frequency": [0] * 50, "recency_days": [0] * 50, "age_days": [age] * 50})
    for kind in (BgNbd, Nbd):
        with pytest.raises(NotConvergedError):
            kind.fit(rows, (), CONFIG)


def test_boosting_is_a_sum_over_features(purchases: pd.DataFrame, history: list[PastCutoff]) -> None:
    """Moving two features at once moves the logarithm by the sum of moving each."""
    model, _ = AdditiveBoosting.fit(purchases, history, CONFIG)
    rows = purchases.head(50)
    changes = [{"value_per_purchase": 1e6}, {"purchase_days_90": 9}, {"value_per_purchase": 1e6, "purchase_days_90": 9}]
    base, one, other, both = (np.log(model.expected_purchases(rows.assign(**change), 90)) for change in ({}, *changes))
    np.testing.assert_allclose(both - base, (one - base) + (other - base), atol=1e-9)
    assert set(model.steps) == set(FEATURES)


def test_boosting_meets_the_total_that_it_learned_from(history: list[PastCutoff]) -> None:
    closed = [each.closed(90) for each in history if each.is_closed(90)]
    rows = pd.concat([each.purchases for each in closed])
    actual = sum(each.outcomes["purchase_days_next_90"].sum() for each in closed)
    model, _ = AdditiveBoosting.fit(rows, history, CONFIG)
    assert model.expected_purchases(rows, 90).sum() == pytest.approx(actual, rel=0.01)


def test_what_learns_from_the_past_needs_one(purchases: pd.DataFrame, history: list[PastCutoff]) -> None:
    still_open = [PastCutoff(30, history[-1].purchases, history[-1].outcomes.assign(observed_days=30))]
    for kind in (AdditiveBoosting, DecayedRate):
        with pytest.raises(TooLittleHistoryError):
            kind.fit(purchases, still_open, CONFIG)


def test_the_decayed_rate_is_calibrated(purchases: pd.DataFrame, history: list[PastCutoff]) -> None:
    closed = [each.closed(90) for each in history if each.is_closed(90)]
    model, _ = DecayedRate.fit(purchases, history, CONFIG)
    predicted = sum(model.expected_purchases(each.purchases, 90).sum() for each in closed)
    assert predicted == pytest.approx(sum(each.outcomes["purchase_days_next_90"].sum() for each in closed))


def test_the_last_window_repeats() -> None:
    rows = pd.DataFrame({"purchase_days_30": [1.0], "purchase_days_90": [3.0], "purchase_days_365": [6.0]})
    windows = [SameAsLastWindow().expected_purchases(rows, days)[0] for days in (30, 90, 365, 730)]
    assert windows == [1.0, 3.0, 6.0, 12.0]


@given(st.integers(0, 500), st.integers(0, 3_650))
def test_the_heuristic_never_falls_and_does_not_explode(frequency: int, age: int) -> None:
    rows = pd.DataFrame({"frequency": [frequency], "age_days": [age]})
    path = [Heuristic().expected_purchases(rows, days)[0] for days in (0, 30, 365, 1_095, 3_650, 36_500)]
    assert path == sorted(path)
    assert path[2] <= (frequency + 1) / 180 * 365  # its rate, at the least age
    assert path[-1] <= 20 * path[2]  # of retention 0.95: 1 / -ln(0.95) years


def test_a_first_order_yesterday_is_not_thirty_a_month() -> None:
    rows = pd.DataFrame({"frequency": [0], "age_days": [1]})
    assert Heuristic().expected_purchases(rows, 365)[0] < 2
