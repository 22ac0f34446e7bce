"""Survival of subscriptions against the published example, and what running ones still bring."""

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.clv import ClvConfig
from creamery.scoring.clv.subscriptions import Survival, fit_survival
from creamery.scoring.clv.value import DAYS_PER_MONTH

CONFIG = ClvConfig()
# Fader & Hardie (2007), table 1: per cent still there after each year; fitted on the first seven.
PUBLISHED = [
    ([86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1], 0.668, 3.806),
    ([63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1], 0.704, 1.182),
]


def subscriptions(surviving: list[float]) -> pd.DataFrame:
    still = np.r_[1000.0, np.array(surviving) * 10]
    ended = pd.DataFrame({"age_months": np.arange(1, len(still)), "has_ended": True, "count": -np.diff(still)})
    running = pd.DataFrame({"age_months": [len(still) - 1], "has_ended": [False], "count": [still[-1]]})
    return pd.concat([ended, running], ignore_index=True)


@pytest.mark.parametrize(("surviving", "a", "b"), PUBLISHED)
def test_survival_is_as_published(surviving: list[float], a: float, b: float) -> None:
    survival, record = fit_survival(subscriptions(surviving), CONFIG)
    assert survival.to_parameters() == pytest.approx({"a": a, "b": b}, rel=0.01)
    assert record.method == "shifted_beta_geometric"
    assert survival.surviving(np.array([0]), 7)[0] * 100 == pytest.approx(surviving, abs=2)


def customers(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_a_constant_loss_is_a_geometric_series() -> None:
    survival = Survival(0.1 * 1e6, 0.9 * 1e6)
    years = survival.expected_years(
        customers(subscription_value_per_year=[100.0], subscription_age_days=[700.0]), [12, 24], rate=0.0
    )
    expected = [sum(0.9**month for month in range(1, until + 1)) / 12 for until in (12, 24)]
    assert years[0] == pytest.approx(expected, rel=1e-4)


def test_who_stayed_long_stays_longer() -> None:
    rows = customers(subscription_value_per_year=[1.0, 1.0], subscription_age_days=[31.0, 900.0])
    new, old = Survival(0.7, 1.2).expected_years(rows, [12, 120], 0.008)
    assert (old > new).all()
    assert (old <= [1, 10]).all()


def test_no_subscription_brings_nothing() -> None:
    rows = customers(subscription_value_per_year=[0.0, np.nan], subscription_age_days=[np.nan, np.nan])
    assert not Survival(1, 1).expected_years(rows, [12], 0.01).any()


@pytest.mark.parametrize(("months", "expected"), [(0, 0), (0.5, 1 - 0.5**0.5), (1, 0.5), (2, 0.75)])
def test_how_likely_one_ends_within_days(months: float, expected: float) -> None:
    half = Survival(0.5 * 1e6, 0.5 * 1e6)  # half of those left end every month
    rows = customers(subscription_age_days=[400.0, 0.0])
    assert half.ending_within(rows, np.full(2, months * DAYS_PER_MONTH)) == pytest.approx([expected] * 2, rel=1e-4)


def test_quantiles_of_the_term() -> None:
    rows = customers(subscription_value_per_year=[1.0], subscription_age_days=[0.0])
    half = Survival(0.5 * 1e6, 0.5 * 1e6)  # half of those left end every month: 1/2, 1/4, 1/8, ...
    assert half.quantile_years(rows, 0.1, 0.0) == pytest.approx([0.0])
    assert half.quantile_years(rows, 0.9, 0.0) == pytest.approx([3 / 12])


def test_few_ended_give_a_constant_loss() -> None:
    rows = customers(age_months=[10, 4], has_ended=[False, True], count=[100, 2])
    survival, record = fit_survival(rows, CONFIG)
    loss = survival.a / (survival.a + survival.b)
    assert record.method == "constant_loss"
    assert loss == pytest.approx(2 / 1008, rel=0.5)
    assert record.notes
    nothing, _ = fit_survival(rows.iloc[:0], CONFIG)
    assert nothing.a / (nothing.a + nothing.b) == pytest.approx(CONFIG.monthly_subscription_loss)
