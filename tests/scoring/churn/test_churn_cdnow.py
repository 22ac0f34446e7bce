"""CDNOW as of 1998-03-31, trained on what was known before: at least as good as the reference values."""

from datetime import date

import pandas as pd
import pytest
from lifetimes import BetaGeoFitter

from creamery.scoring import propensity
from creamery.scoring.churn import score as churn
from creamery.scoring.clv.bg_nbd import BgNbd
from tests.scoring import cdnow

VALIDATION = date(1998, 3, 31)
CUT_OFFS = (date(1997, 6, 30), date(1997, 9, 30), date(1997, 12, 31), VALIDATION)


@pytest.fixture(scope="module")
def history() -> tuple[pd.DataFrame, pd.DataFrame]:
    orders = cdnow.purchases()
    features, known = zip(
        *((cdnow.features(orders, day), cdnow.outcomes(orders, day)) for day in CUT_OFFS), strict=True
    )
    return pd.concat(features, ignore_index=True), pd.concat(known, ignore_index=True)


@pytest.fixture(scope="module")
def bg_nbd(history: tuple[pd.DataFrame, pd.DataFrame]) -> BgNbd:
    features = history[0]
    states = features[features["as_of_date"] == pd.Timestamp(VALIDATION)]
    states = states.groupby(["frequency", "recency_days", "age_days"]).size().reset_index(name="customers")
    fitter = BetaGeoFitter()
    fitter.fit(states["frequency"], states["recency_days"], states["age_days"], weights=states["customers"])
    return BgNbd.from_parameters(fitter.params_)


@pytest.fixture(scope="module")
def fitted(history: tuple[pd.DataFrame, pd.DataFrame], bg_nbd: BgNbd) -> churn.ChurnFit:
    return churn.fit(*history, bg_nbd)


def _card(fitted: churn.ChurnFit, candidate: str, group: str) -> pd.Series:
    return fitted.comparison.set_index(["candidate", "customers_of"]).loc[(candidate, group)]


def test_the_frames_are_the_published_ones(history: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    last = history[0][history[0]["as_of_date"] == pd.Timestamp(VALIDATION)]
    assert len(last) == 23_570
    assert (last["frequency"] > 0).sum() == 11_144


def test_the_champion_among_all_buyers(fitted: churn.ChurnFit) -> None:
    card = _card(fitted, fitted.model.champion.name, "all")
    assert card["customers"] == 23_570
    assert card["auc"] >= 0.83
    assert card["brier"] <= 0.09
    assert card["calibration_error"] <= 0.02


def test_the_champion_among_buyers_of_two_or_more(fitted: churn.ChurnFit) -> None:
    card = _card(fitted, fitted.model.champion.name, "repeat")
    assert card["customers"] == 11_144
    assert card["auc"] >= 0.76
    assert card["brier"] <= 0.158


def test_bg_nbd_needs_no_training_to_beat_the_rule(fitted: churn.ChurnFit) -> None:
    for group, auc, brier in (("all", 0.83, 0.09), ("repeat", 0.765, 0.157)):
        card = _card(fitted, "bg_nbd", group)
        assert card["auc"] >= auc - 0.0005
        assert card["brier"] <= brier
        assert card["auc"] > _card(fitted, "rhythm_rule", group)["auc"]


def test_every_buyer_has_a_probability_and_true_reasons(
    history: tuple[pd.DataFrame, pd.DataFrame], fitted: churn.ChurnFit
) -> None:
    features = history[0]
    last = features[features["as_of_date"] == pd.Timestamp(VALIDATION)]
    rows = churn.score(last, fitted.model, VALIDATION)
    assert rows["churn_probability"].notna().all()
    silent = rows["top_churn_factor_1"].str.contains("spent nothing in the last 365 days", na=False)
    assert silent.any()
    assert (last.loc[silent.to_numpy(), "spend_365"] == 0).all()
    single = rows["churn_factor_code_1"].eq("SINGLE_ORDER").to_numpy()
    assert (last.loc[single, "frequency"] == 0).all()


def test_propensity_beats_the_baseline_and_is_calibrated(
    history: tuple[pd.DataFrame, pd.DataFrame], bg_nbd: BgNbd
) -> None:
    result = propensity.fit(*history, bg_nbd)
    cards = result.comparison.set_index("candidate")
    own = cards.loc[result.classifier.method]
    assert own["auc"] > cards.loc["bg_nbd", "auc"] > 0.8
    assert own["brier"] < cards.loc["bg_nbd", "brier"]
    assert own["calibration_error"] < 0.01
