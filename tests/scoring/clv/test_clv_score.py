"""One fit, one score: what every shop gets, however little it has."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creamery.errors import TooLittleHistoryError
from creamery.scoring.clv import CANDIDATES, ClvConfig, ClvModel, PastCutoff, fit, score
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.purchasing import GENERATIVE
from creamery.scoring.clv.spending import GammaGamma, fit_spending
from creamery.scoring.clv.subscriptions import Survival
from creamery.scoring.clv.value import discounted_if_alive, monthly_rate
from tests.scoring.clv import transactions

CONFIG = ClvConfig()
VALUES = ["predicted_clv_1_year", "predicted_clv_3_year", "predicted_clv_lifetime"]
WINDOWS = ["expected_purchases_30", "expected_purchases_90", "expected_purchases_365"]
COLUMNS = [
    "customer_sk",
    "probability_alive",
    *WINDOWS,
    "value_per_purchase",
    *VALUES,
    "clv_p10",
    "clv_p90",
    "clv_confidence_score",
    "clv_method",
]


@pytest.fixture(scope="module")
def model(purchases: pd.DataFrame, history: list[PastCutoff]) -> ClvModel:
    return fit(purchases, history, CONFIG)[0]


def require_sensible(scores: pd.DataFrame) -> None:
    assert list(scores) == COLUMNS
    assert np.isfinite(scores[[*WINDOWS, "value_per_purchase", *VALUES]].to_numpy()).all()
    assert (scores[[*WINDOWS, "value_per_purchase", *VALUES]] >= 0).all(axis=None)
    assert (np.diff(scores[WINDOWS].to_numpy(), axis=1) >= -1e-12).all()
    assert (np.diff(scores[VALUES].to_numpy(), axis=1) >= -1e-12).all()
    known = scores.dropna(subset=["clv_p10"])
    assert (known["clv_p10"] <= known["clv_p90"]).all()
    assert known["clv_confidence_score"].between(0, 100).all()
    assert known["probability_alive"].between(0, 1).all()


@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_every_champion_scores(name: str, purchases: pd.DataFrame, history: list[PastCutoff]) -> None:
    config = replace(CONFIG, purchase_model=name)
    model, record = fit(purchases, history, config)
    scores = score(purchases, model, config)
    require_sensible(scores)
    assert set(scores["clv_method"]) == {f"{name}+gamma_gamma"} == {record.method}
    expected = CANDIDATES[name].fit(purchases, history, config)[0].expected_purchases(purchases, 90)
    np.testing.assert_allclose(scores["expected_purchases_90"], expected, rtol=1e-9)
    assert 0.74 <= record.interval_coverage <= 0.88
    assert record.interval_days == (365 if name in GENERATIVE else 180)  # champions that learn need windows before


@pytest.mark.parametrize("name", ["bg_nbd", "mean"])
def test_parameters_are_json_and_score_identically(
    name: str, purchases: pd.DataFrame, history: list[PastCutoff]
) -> None:
    config = replace(CONFIG, purchase_model=name, is_seasonal=True)
    model, _ = fit(purchases, history, config)
    again = ClvModel.from_parameters(json.loads(json.dumps(model.to_parameters())))
    pd.testing.assert_frame_equal(score(purchases, again, config), score(purchases, model, config), check_exact=True)


def test_rows_do_not_depend_on_order_or_company(model: ClvModel, purchases: pd.DataFrame) -> None:
    whole = score(purchases, model, CONFIG)
    some = purchases.sample(300, random_state=1)
    pd.testing.assert_frame_equal(score(some, model, CONFIG), whole.loc[some.index], rtol=1e-12)


def test_the_total_is_met(model: ClvModel, days: pd.DataFrame, history: list[PastCutoff]) -> None:
    """A year before the end, what was predicted for that year against what came."""
    past = history[0]
    then, _ = fit(past.purchases, (), CONFIG)
    scores = score(past.purchases, then, CONFIG)
    assert scores["expected_purchases_365"].sum() == pytest.approx(
        past.outcomes["purchase_days_next_365"].sum(), rel=0.1
    )
    discounted = past.outcomes["value_next_365"].sum() * 0.955
    assert scores["predicted_clv_1_year"].sum() == pytest.approx(discounted, rel=0.15)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.05, 3), st.floats(1, 300), st.floats(0.05, 3), st.floats(0.1, 10), st.integers(0, 40), st.floats(0, 1)
)
def test_value_never_falls_with_the_horizon(
    r: float, alpha: float, a: float, b: float, frequency: int, rate: float
) -> None:
    rows = pd.DataFrame({"frequency": [frequency], "age_days": [100]})
    months = [1, 12, 36, 120]
    path = discounted_if_alive(BgNbd(r, alpha, a, b), rows, months, monthly_rate(rate))[0]
    assert (np.diff(path) >= 0).all()
    assert path[-1] <= BgNbd(r, alpha, a, b).expected_if_alive([frequency], [100], 3_650)[0] + 1e-9


def test_a_year_is_discounted_by_ten_in_a_hundred() -> None:
    assert (1 + monthly_rate(0.10)) ** 12 == pytest.approx(1.10)


def rows_like(purchases: pd.DataFrame, count: int, **columns: object) -> pd.DataFrame:
    return purchases.head(count).assign(**columns)


def test_fifty_customers_get_the_heuristic(purchases: pd.DataFrame) -> None:
    rows = purchases.head(50)
    model, record = fit(rows, (), CONFIG)
    scores = score(rows, model, CONFIG)
    require_sensible(scores)
    assert scores["clv_method"].str.startswith("heuristic+").all()
    assert scores["clv_p90"].isna().all()
    assert record.repeat_customers < 50


@pytest.mark.parametrize("customers", [0, 1])
def test_one_customer_and_none(customers: int, purchases: pd.DataFrame) -> None:
    rows = purchases.head(customers)
    model, _ = fit(rows, (), CONFIG)
    scores = score(rows, model, CONFIG)
    require_sensible(scores)
    assert len(scores) == customers


def test_a_shop_without_repeat_buyers(purchases: pd.DataFrame) -> None:
    rows = purchases.assign(frequency=0, recency_days=0, value_per_purchase=np.nan, last_gap_mean_days=np.nan)
    model, record = fit(rows, (), CONFIG)
    require_sensible(score(rows, model, CONFIG))
    assert record.method == "heuristic+mean_value"
    assert model.spending.mean == pytest.approx(rows["first_value"].mean())


def test_all_on_one_day(purchases: pd.DataFrame) -> None:
    rows = purchases.assign(frequency=0, recency_days=0, age_days=0, value_per_purchase=np.nan)
    require_sensible(score(rows, fit(rows, (), CONFIG)[0], CONFIG))


def test_scoring_an_empty_chunk(model: ClvModel, purchases: pd.DataFrame) -> None:
    require_sensible(score(purchases.head(0), model, CONFIG))


def test_losses_are_worth_nothing_more(model: ClvModel, purchases: pd.DataFrame) -> None:
    rows = purchases[purchases["frequency"] > 0].head(20)
    lossy = score(rows.assign(value_per_purchase=-50.0), model, CONFIG)
    require_sensible(lossy)
    np.testing.assert_array_equal(
        lossy["value_per_purchase"], score(rows.assign(value_per_purchase=0.0), model, CONFIG)["value_per_purchase"]
    )
    only_losses = purchases.assign(value_per_purchase=-1.0, first_value=-1.0)
    scores = score(only_losses, fit(only_losses, (), CONFIG)[0], CONFIG)
    require_sensible(scores)
    assert not scores[VALUES].any(axis=None)


def test_the_expected_value_is_shrunk_towards_the_shops() -> None:
    spending = GammaGamma(6.0, 4.0, 15.0)
    rows = pd.DataFrame({"frequency": [0, 1, 9], "value_per_purchase": [np.nan, 90.0, 90.0]})
    nobody, once, often = spending.expected_value(rows)
    assert nobody == spending.mean == 30.0
    assert 30 < once < often < 90


def test_a_fit_that_is_not_possible_gives_the_shrunken_mean() -> None:
    rows = pd.DataFrame({"frequency": [1, 3], "value_per_purchase": [10.0, 50.0], "first_value": [1.0, 1.0]})
    spending, record = fit_spending(rows)
    assert record.method == "mean_value"
    assert spending.mean == pytest.approx(40.0)  # of the four repeat purchases
    assert spending.expected_value(rows) == pytest.approx([(2 * 40 + 10) / 3, (2 * 40 + 150) / 5])


def test_only_subscribers(purchases: pd.DataFrame) -> None:
    rows = purchases.head(20).assign(
        frequency=0,
        recency_days=0,
        value_per_purchase=np.nan,
        first_value=0.0,
        subscription_value_per_year=120.0,
        subscription_age_days=np.arange(20) * 40.0,
    )
    subscriptions = pd.DataFrame({"age_months": [1, 2, 30], "has_ended": [True, True, False], "count": [30, 10, 60]})
    model, record = fit(rows, (), CONFIG, subscriptions)
    scores = score(rows, model, CONFIG)
    require_sensible(scores)
    assert set(scores["clv_method"]) == {"heuristic+mean_value+subscription"}
    assert (scores["predicted_clv_1_year"].between(1, 120)).all()
    assert scores["predicted_clv_1_year"].is_monotonic_increasing  # who stayed stays
    assert record.survival.method == "shifted_beta_geometric"


def test_who_only_subscribes_is_worth_the_subscription(model: ClvModel, purchases: pd.DataFrame) -> None:
    """Among customers who buy, whose rows stay as they were."""
    model = replace(model, survival=Survival(1.0, 100.0))
    rows = purchases.head(9).astype({"frequency": "float64"})
    bought = [name for name in rows if name not in ("customer_sk", "subscription_age_days")]
    never = rows.index.isin([0, 4])
    rows.loc[never, bought] = np.nan
    rows.loc[0, ["subscription_value_per_year", "subscription_age_days"]] = [240.0, 100.0]
    rows.loc[4, "subscription_value_per_year"] = 0.0  # it ended
    scores = score(rows, model, CONFIG)
    require_sensible(scores[~never])
    pd.testing.assert_frame_equal(scores[~never], score(purchases.head(9)[~never], model, CONFIG))
    subscriber, former = scores.loc[0], scores.loc[4]
    assert 200 < subscriber["predicted_clv_1_year"] < 240 < subscriber["predicted_clv_3_year"]
    assert subscriber["clv_p10"] <= subscriber["predicted_clv_1_year"] <= subscriber["clv_p90"]
    assert not scores.loc[never, WINDOWS].any(axis=None)
    assert scores.loc[never, "probability_alive"].isna().all()
    assert set(scores.loc[never, "clv_method"]) == {"subscription"}
    assert not former[[*VALUES, "clv_p10", "clv_p90"]].any()


def test_a_subscription_adds_to_the_purchases(model: ClvModel, purchases: pd.DataFrame) -> None:
    rows = purchases.head(100)
    model = replace(model, survival=Survival(1.0, 100.0))
    subscribed = rows.assign(subscription_value_per_year=240.0, subscription_age_days=100.0)
    more = score(subscribed, model, CONFIG)[VALUES] - score(rows, model, CONFIG)[VALUES]
    assert np.ptp(more.to_numpy(), axis=0) == pytest.approx(0, abs=1e-9)
    assert 200 < more["predicted_clv_1_year"].iloc[0] < 240


def test_too_little_history_keeps_the_last_model(purchases: pd.DataFrame) -> None:
    with pytest.raises(TooLittleHistoryError):
        fit(purchases, (), replace(CONFIG, purchase_model="boosting"))


def test_seasons_scale_the_near_windows(days: pd.DataFrame) -> None:
    """Of a shop that closes in January, a fit that knows last January expects less of the next."""
    quiet = days[days["day"].dt.month != 1]
    today, year_ago = "2024-12-31", "2024-01-01"
    rows = transactions.purchases_at(quiet, today)
    history = [transactions.cutoff(quiet, year_ago, today)]
    plain, seasonal = (replace(CONFIG, is_seasonal=wished) for wished in (False, True))
    usual = score(rows, fit(rows, history, plain)[0], plain)
    model, _ = fit(rows, history, seasonal)
    winter = score(rows, model, seasonal)
    assert dict(model.seasonal)[30] < dict(model.seasonal)[90] < 1
    assert winter["expected_purchases_30"].sum() < 0.7 * usual["expected_purchases_30"].sum()
    np.testing.assert_array_equal(winter["predicted_clv_1_year"], usual["predicted_clv_1_year"])


def test_a_high_season_exceeds_no_longer_window(model: ClvModel, purchases: pd.DataFrame) -> None:
    busy = replace(model, seasonal=((30, 2.0), (90, 0.5)))
    require_sensible(score(purchases, busy, CONFIG))
