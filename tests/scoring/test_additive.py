"""Additive models: exact tables, exact contributions, and the same scores after a round trip through JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from creamery.errors import InputError
from creamery.scoring import additive


def _data(rows: int = 800, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    inputs = pd.DataFrame(
        {
            "silence": random.integers(0, 200, rows).astype(float),
            "spend": np.where(random.random(rows) < 0.3, np.nan, random.lognormal(3, 1, rows)),
            "constant": 7.0,
            "empty": np.nan,
        }
    )
    log_odds = inputs["silence"] / 50 - 2 - 0.5 * inputs["spend"].isna()
    return inputs, (random.random(rows) < 1 / (1 + np.exp(-log_odds))).to_numpy()


FITS = {
    "boosting": additive.fit_boosting,
    "logistic": additive.fit_logistic,
    "regression": lambda inputs, is_event: additive.fit_boosting_regression(inputs, is_event.astype(float)),
    "mean": lambda inputs, is_event: additive.MeanModel(
        (additive.fit_boosting(inputs, is_event), additive.fit_logistic(inputs, is_event))
    ),
}


@pytest.fixture(scope="module", params=FITS)
def model(request: pytest.FixtureRequest) -> additive.AdditiveModel:
    return FITS[request.param](*_data())


def test_contributions_and_intercept_sum_to_the_raw_score(model: additive.AdditiveModel) -> None:
    inputs, _ = _data(seed=5)
    total = model.intercept + model.contributions(inputs).sum(axis=1)
    np.testing.assert_allclose(total, model.raw(inputs), atol=1e-12)


def test_contributions_are_centred_on_the_training_mean(model: additive.AdditiveModel) -> None:
    np.testing.assert_allclose(model.contributions(_data()[0]).mean(axis=0), 0, atol=1e-9)


def test_a_round_trip_through_json_scores_identically(model: additive.AdditiveModel) -> None:
    again = additive.from_parameters(json.loads(json.dumps(model.to_parameters(), allow_nan=False)))
    inputs, _ = _data(seed=6)
    assert np.array_equal(again.raw(inputs), model.raw(inputs))
    assert again.features == model.features


def test_constant_and_empty_features_are_left_out(model: additive.AdditiveModel) -> None:
    assert set(model.features) == {"silence", "spend"}


def test_a_frame_without_a_feature_is_scored_as_if_it_were_missing(model: additive.AdditiveModel) -> None:
    inputs, _ = _data(seed=7)
    absent = model.raw(inputs.drop(columns="spend"))
    np.testing.assert_array_equal(absent, model.raw(inputs.assign(spend=np.nan)))


def test_no_rows_give_no_scores(model: additive.AdditiveModel) -> None:
    inputs, _ = _data()
    assert model.raw(inputs.iloc[:0]).shape == (0,)
    assert model.contributions(inputs.iloc[:0]).shape == (0, 2)


def test_the_tables_are_the_boosting_that_was_fitted() -> None:
    """On values of few distinct numbers binning loses nothing, so an ordinary fit on the values is the same model."""
    random = np.random.default_rng(3)
    values = pd.DataFrame(
        {"a": random.integers(0, 9, 600).astype(float), "b": random.integers(0, 5, 600).astype(float)}
    )
    values.loc[random.random(600) < 0.2, "b"] = np.nan
    is_event = (random.random(600) < 0.2 + 0.06 * values["a"]).to_numpy()
    plain = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=4, min_samples_leaf=20, l2_regularization=1.0,
        interaction_cst="no_interactions", early_stopping=False,
    ).fit(values.to_numpy(), is_event)  # fmt: skip
    tables = additive.fit_boosting(values, is_event)
    np.testing.assert_allclose(tables.raw(values), plain.decision_function(values.to_numpy()), atol=1e-9)


def test_without_any_feature_the_score_is_the_rate() -> None:
    inputs = pd.DataFrame({"constant": np.ones(100)})
    is_event = np.arange(100) < 20
    for fit in (additive.fit_boosting, additive.fit_logistic):
        np.testing.assert_allclose(fit(inputs, is_event).raw(inputs[:1]), np.log(0.2 / 0.8), atol=1e-6)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="'pickle' is no kind"):
        additive.from_parameters({"kind": "pickle"})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12) | st.just(np.nan), min_size=1, max_size=20))
def test_any_number_is_scored_finitely(values: list[float]) -> None:
    inputs = pd.DataFrame({"silence": values, "spend": values})
    for number in range(2):
        assert np.isfinite(_FITTED[number].raw(inputs)).all()


_FITTED = (additive.fit_boosting(*_data(200)), additive.fit_logistic(*_data(200)))
