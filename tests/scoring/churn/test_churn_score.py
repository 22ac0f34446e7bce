"""Fit and score: edge cases, what may influence a fit, and reasons that are true of the customer."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creamery.scoring.churn import score as churn
from creamery.scoring.churn.candidates import Candidate, RhythmRuleScorer
from creamery.scoring.churn.inputs import Population
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.clv.subscriptions import Survival
from tests.scoring import frames

D = date(2026, 6, 27)
BG_NBD = BgNbd(r=0.5, alpha=40, a=0.6, b=2.0)
FACTORS = [f"top_churn_factor_{place}" for place in (1, 2, 3)]
CODES = [f"churn_factor_code_{place}" for place in (1, 2, 3)]


@pytest.fixture(scope="module")
def history() -> tuple[pd.DataFrame, pd.DataFrame]:
    return frames.history()


@pytest.fixture(scope="module")
def fitted(history: tuple[pd.DataFrame, pd.DataFrame]) -> churn.ChurnFit:
    return churn.fit(*history, BG_NBD)


@pytest.fixture(scope="module")
def today() -> pd.DataFrame:
    """Nobody subscribes."""
    return frames.customers(400, 9, D).assign(active_subscription_count=0)


def test_the_comparison_has_every_candidate_for_every_group(fitted: churn.ChurnFit) -> None:
    names = {"rhythm_rule", "bg_nbd", "logistic", "boosting", "average"}
    assert set(fitted.comparison["candidate"]) == names
    assert fitted.comparison.groupby("candidate")["customers_of"].agg(set).eq({"all", "active", "repeat"}).all()
    assert fitted.validation_date == date(2026, 3, 29)
    assert fitted.model.version == f"{fitted.model.champion.name} 2026-03-29"
    assert fitted.model.champion.name in {"logistic", "boosting", "average"}


@pytest.mark.parametrize("name", ["rhythm_rule", "bg_nbd", "logistic", "boosting", "average"])
def test_each_champion_scores_the_same_after_a_round_trip(
    name: str, fitted: churn.ChurnFit, today: pd.DataFrame
) -> None:
    model = churn.with_champion(fitted, name, today)
    again = churn.ChurnModel.from_parameters(json.loads(json.dumps(model.to_parameters(), allow_nan=False)))
    rows = churn.score(today, again, D)
    pd.testing.assert_frame_equal(rows, churn.score(today, model, D))
    assert rows["reasons_model"].eq("surrogate of bg_nbd" if name == "bg_nbd" else name).all()
    assert rows["churn_probability"].between(0, 1).all()
    assert rows[FACTORS[0]].notna().mean() > 0.2


def test_open_windows_influence_nothing(history: tuple[pd.DataFrame, pd.DataFrame], fitted: churn.ChurnFit) -> None:
    features, known = history
    is_open = known["observed_days"] < 56  # neither label's window is closed
    corrupt = known.copy()
    corrupt.loc[is_open, [name for name in known if "next" in name]] = 1
    for outcomes in (corrupt, known[~is_open]):
        other = churn.fit(features, outcomes, BG_NBD)
        assert other.model.to_parameters() == fitted.model.to_parameters()
        pd.testing.assert_frame_equal(other.comparison, fitted.comparison)


def test_the_order_of_rows_changes_nothing(
    history: tuple[pd.DataFrame, pd.DataFrame], fitted: churn.ChurnFit, today: pd.DataFrame
) -> None:
    features, known = (frame.sample(frac=1, random_state=3) for frame in history)
    assert churn.fit(features, known, BG_NBD).model.to_parameters() == fitted.model.to_parameters()
    mixed = churn.score(today.sample(frac=1, random_state=4), fitted.model, D)
    straight = churn.score(today, fitted.model, D)
    pd.testing.assert_frame_equal(mixed.sort_values("customer_sk", ignore_index=True), straight)


def test_equal_customers_get_equal_rows(fitted: churn.ChurnFit, today: pd.DataFrame) -> None:
    twins = pd.concat([today.iloc[:5]] * 2, ignore_index=True)
    rows = churn.score(twins, fitted.model, D).drop(columns="customer_sk")
    pd.testing.assert_frame_equal(rows.iloc[:5], rows.iloc[5:].reset_index(drop=True))


@pytest.mark.parametrize("rows", [0, 1, 50])
def test_few_customers_are_served_by_the_rule(rows: int) -> None:
    features, known = frames.history(rows)
    result = churn.fit(features, known, BG_NBD)
    scored = churn.score(features.iloc[:rows].assign(active_subscription_count=0), result.model, D)
    assert len(scored) == rows
    assert result.model.champion == Candidate("rhythm_rule", RhythmRuleScorer(), result.model.champion.platt)
    assert scored["model_version"].str.startswith("rhythm_rule (").all()
    np.testing.assert_allclose(
        scored["churn_probability"], scored["rhythm_rule_score"].clip(0.5, 99.5) / 100, atol=1e-4
    )


def test_one_class_is_served_by_the_rule(history: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    features, known = history
    result = churn.fit(features, known.assign(next_purchase_days=np.nan), BG_NBD)
    assert result.model.version == "rhythm_rule (one_class)"
    assert result.validation_date is None


def test_one_cutoff_is_not_enough(history: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    features, known = (frame[frame["as_of_date"] == "2025-09-30"] for frame in history)
    assert churn.fit(features, known).model.version == "rhythm_rule (too_few_closed_cutoffs)"


def test_a_shop_without_repeat_buyers_and_with_orders_alone(history: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    features, known = history
    bare = features.assign(frequency=0, recency_days=0, last_gap_mean_days=np.nan, gap_change_percent=np.nan)
    bare = bare.drop(columns=["mail_opens_90", "nps_score"]).assign(engagement_trend=np.nan, complaint_count_90=np.nan)
    bare["spend_90"] -= 200
    result = churn.fit(bare, known, BG_NBD)
    scored = churn.score(bare, result.model, D)
    assert scored["churn_probability"].between(0, 1).all()
    assert scored["is_single_order"].all()
    told = set(scored[CODES].to_numpy().ravel())
    assert not told & {"ORDER_OVERDUE", "RHYTHM_SLOWING", "COMPLAINTS", "FEW_MAILS_OPENED", "LOW_NPS"}


def test_what_a_quick_shop_says_of_horizons(history: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    features, known = history
    quick = features.assign(last_gap_mean_days=np.where(features["frequency"] > 0, 11.0, np.nan))
    result = churn.fit(quick, known)
    assert result.model.horizon.is_personal
    scored = churn.score(quick, result.model, D)
    assert set(scored["horizon_days"]) == {28, 33}
    silent = quick["days_since_last_order"].to_numpy() >= scored["horizon_days"]
    is_gone = silent & (quick["active_subscription_count"] == 0)
    assert scored["is_already_silent"].tolist() == is_gone.tolist()


def test_the_predicted_day_is_where_half_is_passed() -> None:
    """Of the silent it lies behind, unless a subscription runs."""
    since = [0, 0, 0, 90, 120, 120]
    features = pd.DataFrame({"days_since_last_order": since})
    inputs = pd.DataFrame({"active_subscription_count": [np.nan, 0, 1, np.nan, 0, 1]})
    population = Population(features, inputs, np.full(6, 90.0))
    days = churn.days_until_churn(population, np.array([0.5, 0.75, 1e-6, 0.9, 0.9, 0.5]))
    np.testing.assert_array_equal(days, [90, 45, np.nan, 0, -30, 90])


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.98))
def test_the_predicted_day_comes_sooner_at_higher_risk(probability: float) -> None:
    inputs = pd.DataFrame({"active_subscription_count": [0, 0]})
    population = Population(pd.DataFrame({"days_since_last_order": [0, 0]}), inputs, np.full(2, 60.0))
    later, sooner = churn.days_until_churn(population, np.array([probability, probability + 0.01]))
    assert np.isnan(later) or sooner <= later


def test_percentiles_categories_and_dates_agree(fitted: churn.ChurnFit, today: pd.DataFrame) -> None:
    rows = churn.score(today, fitted.model, D)
    assert rows["churn_percentile"].mean() == pytest.approx(50, abs=0.1)
    order = rows.sort_values(["churn_probability", "churn_percentile"])["churn_percentile"]
    assert order.is_monotonic_increasing
    assert (rows["churn_risk_category"] == "Critical").equals(rows["churn_risk_score"] > 75)
    ahead = (rows["predicted_churn_date"] - pd.Timestamp(D)).dt.days
    assert ahead.astype("Int64").equals(rows["days_until_predicted_churn"].rename(ahead.name))
    assert rows["decline_probability"].notna().equals(pd.Series(today["purchase_days_180"] > 0))


def test_each_reason_is_short_a_different_story_and_raises_the_risk(
    fitted: churn.ChurnFit, today: pd.DataFrame
) -> None:
    rows = churn.score(today, fitted.model, D)
    for texts, codes in zip(rows[FACTORS].to_numpy(), rows[CODES].to_numpy(), strict=True):
        told = [text for text in texts if text is not None]
        assert [text is None for text in texts] == sorted(text is None for text in texts)
        assert len(set(told)) == len(told)
        assert all(len(text) <= 100 for text in told)
        assert [text is None for text in texts] == [code is None for code in codes]


def test_a_customer_with_complaints_is_told_so(fitted: churn.ChurnFit, today: pd.DataFrame) -> None:
    """Complaints are what drives people away in these frames."""
    loud = today.assign(complaint_count_90=3)
    rows = churn.score(loud, fitted.model, D)
    with_complaints = (rows[CODES] == "COMPLAINTS").any(axis=1)
    assert with_complaints.mean() > 0.9
    assert "3 complaints in the last 90 days" in set(rows[FACTORS].to_numpy().ravel())
    calm = churn.score(today.assign(complaint_count_90=0), fitted.model, D)
    assert not (calm[CODES] == "COMPLAINTS").any(axis=None)


def test_the_words_have_the_customers_own_numbers(fitted: churn.ChurnFit, today: pd.DataFrame) -> None:
    rows = churn.score(today, fitted.model, D)
    checks = {
        "ORDER_OVERDUE": lambda c: (
            f"last order {c.days_since_last_order} days ago; usually every {c.last_gap_mean_days:.0f}"
        ),
        "LONG_SILENCE": lambda c: f"last order {c.days_since_last_order} days ago",
        "LOW_ENGAGEMENT": lambda c: f"engagement is {c.engagement_score} of 100",
        "OPEN_TICKETS": lambda c: f"{c.open_ticket_count} open ticket" + ("s" if c.open_ticket_count > 1 else ""),
    }
    seen = set()
    for customer, texts, codes in zip(
        today.itertuples(), rows[FACTORS].to_numpy(), rows[CODES].to_numpy(), strict=True
    ):
        for text, code in zip(texts, codes, strict=True):
            if code in checks:
                seen.add(code)
                assert text.replace(" 1 day ", " 1 days ") == checks[code](customer)
    assert len(seen) >= 2


def test_a_fall_in_spending_is_told_over_equal_windows_where_they_are_known(
    fitted: churn.ChurnFit, today: pd.DataFrame
) -> None:
    fallen = today.assign(spend_90=120.0, spend_365=1600.0)
    with_half_year = set(churn.score(fallen.assign(spend_180=600.0), fitted.model, D)[FACTORS].to_numpy().ravel())
    without = set(churn.score(fallen.drop(columns="spend_180"), fitted.model, D)[FACTORS].to_numpy().ravel())
    assert "spent 120.00 in the last 90 days, 480.00 in the 90 before" in with_half_year
    assert "spent 120.00 in the last 90 days, 1480.00 in the 275 before" in without


def test_the_rule_explains_itself_by_its_own_parts() -> None:
    features = frames.customers(60, 4, D).assign(active_subscription_count=0)
    scored = churn.score(features, churn.rule_model(features, HORIZON, "too_few_rows"), D)
    at_risk = scored["rhythm_rule_score"] > 50
    assert scored.loc[at_risk, FACTORS[0]].notna().all()
    assert scored.loc[features["age_days"] < 30, FACTORS[0]].isna().all()


HORIZON = churn.HorizonRule(90, is_personal=False)


def test_who_only_subscribes_churns_when_the_subscription_ends(fitted: churn.ChurnFit, today: pd.DataFrame) -> None:
    """Among buyers: a young subscription, an old one, and one that has ended; nobody else's score changes."""
    mixed = today.astype({"frequency": float}).copy()
    alone = [3, 50, 51]
    mixed.loc[alone, ["frequency", "recency_days", "age_days", "last_gap_mean_days"]] = np.nan
    mixed.loc[alone, [name for name in mixed if name.startswith(("purchase_days_", "spend_", "value_"))]] = 0
    mixed.loc[alone, "active_subscription_count"] = [1, 1, 0]
    mixed.loc[alone, "subscription_age_days"] = [20.0, 900.0, np.nan]
    mixed.loc[alone, "days_since_last_order"] = [20, 900, 400]
    model = replace(fitted.model, survival=Survival(0.7, 1.2))
    rows = churn.score(mixed, model, D)
    assert rows.loc[alone, "churn_method"].tolist() == ["subscription", "subscription", "subscription_ended"]
    young, old, ended = rows.loc[alone, "churn_probability"]
    assert 0 < old < young < ended
    assert ended == rows.loc[51, "rhythm_rule_score"] / 100
    assert rows.loc[alone, FACTORS[0]].notna().tolist() == [False, False, True]
    assert rows.loc[alone, "reasons_model"].tolist() == rows.loc[alone, "churn_method"].tolist()
    others = [name for name in rows if name != "churn_percentile"]
    expected = churn.score(today, model, D).drop(index=alone)
    pd.testing.assert_frame_equal(rows.drop(index=alone)[others], expected[others], check_dtype=False)


def test_who_buys_and_subscribes_is_lost_with_both(today: pd.DataFrame) -> None:
    """Bought once, silent for long: critical, until a subscription runs. One that has ended keeps nobody."""
    once = today.iloc[[0, 0, 0]].reset_index(drop=True)
    once = once.assign(frequency=0, last_gap_mean_days=np.nan, recency_days=0, age_days=200, days_since_last_order=200)
    once = once.assign(**{name: 0 for name in once if name.startswith(("purchase_days_", "spend_", "value_"))})
    once = once.assign(active_subscription_count=[0, 1, 1], subscription_age_days=[np.nan, 20.0, 900.0])
    survival = Survival(0.7, 6.0)
    model = replace(churn.rule_model(once, HORIZON, "untrained"), survival=survival)
    rows = churn.score(once, model, D)
    alone, young, old = rows["churn_probability"]
    ending = survival.ending_within(once, np.full(3, 90.0))
    assert (young, old) == pytest.approx((alone * ending[1], alone * ending[2]), abs=1e-4)
    assert rows["churn_risk_category"].tolist()[0] == "Critical"
    assert old < young < 0.5
    assert rows["churn_method"].tolist() == ["rhythm_rule", "subscription", "subscription"]
    assert rows["reasons_model"].eq("rhythm_rule").all()
    assert rows[FACTORS[0]].notna().all()
    assert rows["is_already_silent"].tolist() == [True, False, False]
    assert rows["days_until_predicted_churn"].tolist()[0] == 90 - 200
    assert (rows["days_until_predicted_churn"].iloc[1:] > 0).all()
