"""Published values (Fader, Hardie & Lee 2005; Fader & Hardie, note 025), and hold-outs on real shops."""

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.accuracy import scorecard
from creamery.scoring.clv import ClvConfig, FitRecord, PastCutoff
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.intervals import Prediction, coverage
from creamery.scoring.clv.purchasing import fit_generative
from creamery.scoring.clv.spending import fit_spending
from tests.scoring.clv import transactions

CONFIG = ClvConfig()
WEEKS = 39
HOLD_OUT_DAYS = 273


@pytest.fixture(scope="module")
def in_weeks() -> BgNbd:
    return fitted_in_weeks()[0]


def fitted_in_weeks() -> tuple[BgNbd, FitRecord]:
    columns = ["frequency", "recency", "T"]
    states = transactions.cdnow_in_weeks().groupby(columns).size().reset_index(name="count")
    return BgNbd.fit_states(*(states[name].to_numpy(dtype=float) for name in columns), states["count"].to_numpy())


def test_bg_nbd_is_as_published() -> None:
    model, record = fitted_in_weeks()
    published = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
    assert model.to_parameters() == pytest.approx(published, rel=0.005)
    assert record.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert record.customers == 2_357
    documented = {"r": 0.0126, "alpha": 0.378, "a": 0.186, "b": 0.705}  # standard errors, lifetimes' documentation
    assert record.standard_errors == pytest.approx(documented, rel=0.01)


def test_days_and_weeks_agree(cdnow: PastCutoff, in_weeks: BgNbd) -> None:
    model, _ = BgNbd.fit(cdnow.purchases, (), CONFIG)
    assert model.alpha / 7 == pytest.approx(in_weeks.alpha, rel=0.001)
    assert model.b == pytest.approx(in_weeks.b, rel=0.001)


def test_worked_example_of_the_paper(in_weeks: BgNbd) -> None:
    one = pd.DataFrame({"frequency": [2], "recency_days": [30.43], "age_days": [38.86]})
    alive = 1 / (
        1 + in_weeks.a / (in_weeks.b + 1) * ((in_weeks.alpha + 38.86) / (in_weeks.alpha + 30.43)) ** (in_weeks.r + 2)
    )
    assert float(in_weeks.expected_if_alive(2, 38.86, WEEKS)) * alive == pytest.approx(1.226, abs=0.0005)
    whole = one.assign(recency_days=213, age_days=272)  # the same customer in days
    in_days = BgNbd(in_weeks.r, in_weeks.alpha * 7, in_weeks.a, in_weeks.b)
    assert in_days.expected_purchases(whole, HOLD_OUT_DAYS)[0] == pytest.approx(1.226, abs=0.0005)


def test_gamma_gamma_is_as_published(cdnow: PastCutoff) -> None:
    spending, record = fit_spending(cdnow.purchases)
    published = {"p": 6.249, "q": 3.745, "v": 15.448, "is_fitted": True}
    assert spending.to_parameters() == pytest.approx(published, rel=0.005)
    assert record.customers == 946


def test_hold_out_on_cdnow(cdnow: PastCutoff) -> None:
    model, _ = BgNbd.fit(cdnow.purchases, (), CONFIG)
    actual = cdnow.outcomes["purchase_days_next_273"].to_numpy()
    card = scorecard(model.expected_purchases(cdnow.purchases, HOLD_OUT_DAYS), actual)
    assert card.root_mean_squared_error <= 1.61
    assert card.pearson >= 0.625
    assert card.mean_absolute_error == pytest.approx(0.786, abs=0.001)
    assert card.bias_percent == pytest.approx(-12.2, abs=0.1)
    assert card.top_decile_lift == pytest.approx(4.70, abs=0.01)


def test_intervals_hold_on_cdnow(cdnow: PastCutoff) -> None:
    assert 0.74 <= covered(cdnow, HOLD_OUT_DAYS) <= 0.88


@pytest.mark.parametrize(("at", "days"), [("2011-06-11", 180), ("2011-09-10", 90)])
def test_intervals_hold_on_online_retail(retail: pd.DataFrame, at: str, days: int) -> None:
    assert 0.74 <= covered(transactions.cutoff(retail, at, "2011-12-09"), days) <= 0.88


def covered(past: PastCutoff, days: int) -> float:
    model, _ = fit_generative(past.purchases, CONFIG)
    spending, _ = fit_spending(past.purchases)
    prediction = Prediction(past.purchases, model.probability_alive(past.purchases), days)
    actual = past.outcomes[f"value_next_{days}"].to_numpy(dtype=np.float64)
    return coverage(model, spending, prediction, actual, 1.0, CONFIG).share
