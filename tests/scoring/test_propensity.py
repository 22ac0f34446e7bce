"""Propensity to buy, and the shop that is too small for it."""

import json

import numpy as np
import pandas as pd
import pytest

from creamery.scoring import propensity
from creamery.scoring.classifier import Classifier
from creamery.scoring.clv.bg_nbd import BgNbd
from tests.scoring import frames

BG_NBD = BgNbd(r=0.5, alpha=40, a=0.6, b=2.0)


def test_recent_buyers_are_likelier_to_buy_and_a_round_trip_changes_nothing() -> None:
    features, known = frames.history()
    fitted = propensity.fit(features, known)
    again = Classifier.from_parameters(json.loads(json.dumps(fitted.classifier.to_parameters(), allow_nan=False)))
    rows = propensity.score(features, fitted.classifier)
    pd.testing.assert_frame_equal(propensity.score(features, again), rows)
    chance = rows["purchase_probability_30"].groupby(features["days_since_last_order"] < 30).mean()
    assert chance[True] > chance[False] + 0.03
    assert rows["propensity_method"].isin(["logistic", "boosting", "average"]).all()


@pytest.mark.parametrize("rows", [0, 1, 50])
def test_a_small_shop_gets_its_rate(rows: int) -> None:
    features, known = frames.history(rows)
    fitted = propensity.fit(features, known)
    scored = propensity.score(features, fitted.classifier)
    assert len(scored) == 4 * rows
    assert fitted.classifier.method == ("base_rate" if rows else "none")
    if rows:
        newest = known[known["as_of_date"] == "2026-03-29"]
        rate = (newest["purchase_days_next_30"] > 0).mean()
        np.testing.assert_allclose(scored["purchase_probability_30"], rate, atol=5e-5)


def test_without_a_closed_window_bg_nbd_serves() -> None:
    features, known = frames.history(50)
    fitted = propensity.fit(features, known.assign(observed_days=3))
    scored = propensity.score(features, fitted.classifier, BG_NBD)
    assert scored["propensity_method"].eq("bg_nbd").all()
    assert scored["purchase_probability_30"].between(0, 1).all()
    assert propensity.score(features, fitted.classifier)["purchase_probability_30"].isna().all()
