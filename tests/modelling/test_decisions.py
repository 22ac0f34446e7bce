"""Who serves: by how much a challenger must win, and when the baseline takes over."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creamery.modelling import churn_training, value_training
from creamery.modelling.history import History
from creamery.modelling.registry import Champion, Decision, Task
from creamery.scoring.accuracy import Scorecard
from creamery.scoring.churn import score as churn
from creamery.scoring.churn.score import ChurnFit
from creamery.scoring.clv.backtest import BackTest
from creamery.scoring.clv.config import ClvConfig
from tests.modelling import histories

BASELINE, OTHER_BASELINE = "same_as_last_window", "heuristic"
CONFIG = ClvConfig()


def back_tests(errors: dict[str, list[float]], days: int = 90) -> list[BackTest]:
    """Errors of orders by model, of the newest window first."""
    return [
        BackTest(model, 90 * number, days, card, card, pd.DataFrame(), np.nan)
        for model, each in errors.items()
        for number, error in reversed(list(enumerate(each, 1)))
        for card in [Scorecard(10, 1.0, 1.0, 0.0, 0.0, error, 0.0, 1.0)]
    ]


def choose(incumbent: str | None, days: int = 90, **errors: list[float]) -> str:
    return value_training.choose(back_tests(errors, days), incumbent, CONFIG)[0]


@pytest.mark.parametrize(("error", "expected"), [(1.981, "nbd"), (1.979, "boosting")])
def test_the_present_model_stays_unless_another_is_better_by_a_hundredth(error: float, expected: str) -> None:
    assert choose("nbd", nbd=[2.0, 2.0], boosting=[error, error], same_as_last_window=[3.0, 3.0]) == expected


def test_the_mean_of_the_windows_decides() -> None:
    assert choose("nbd", nbd=[1.0, 3.0], boosting=[1.5, 1.5], same_as_last_window=[4.0, 4.0]) == "boosting"


def test_without_a_present_one_bg_nbd_is_what_others_must_beat() -> None:
    errors = {"bg_nbd": [2.0], "nbd": [1.99], BASELINE: [3.0]}
    assert choose(None, **errors) == "bg_nbd"
    assert choose("nbd", **errors) == "nbd"
    assert choose(BASELINE, **errors) == "bg_nbd"  # who was demoted has to be beaten no longer
    assert choose(None, nbd=[2.0], mean=[1.99], same_as_last_window=[3.0]) == "mean"


def test_only_models_that_were_judged_on_every_window_compete() -> None:
    assert choose("bg_nbd", bg_nbd=[2.0, 2.0], boosting=[1.0], same_as_last_window=[3.0, 3.0]) == "bg_nbd"
    assert choose("boosting", bg_nbd=[2.0, 2.0], boosting=[1.0], same_as_last_window=[3.0, 3.0]) == "bg_nbd"


@pytest.mark.parametrize(
    ("own", "baseline", "expected"),
    [
        ([2.0, 2.0, 2.0], [1.9, 1.9, 9.0], BASELINE),
        ([2.0, 2.0, 2.0], [1.9, 2.1, 1.0], "bg_nbd"),  # of the newest two, one
        ([2.0, 2.0, 2.0], [2.1, 1.9, 1.9], "bg_nbd"),  # two, of which one has passed
        ([2.0, 2.0], [2.0, 2.0], "bg_nbd"),  # as good is not lost
        ([2.0], [1.9], "bg_nbd"),
    ],
)
def test_two_windows_lost_to_the_baseline_in_a_row_demote(
    own: list[float], baseline: list[float], expected: str
) -> None:
    name, reason = value_training.choose(back_tests({"bg_nbd": own, BASELINE: baseline}), "bg_nbd", CONFIG)
    assert name == expected
    assert ("lost to the baseline" in reason) == (expected == BASELINE)


def test_of_two_baselines_that_win_twice_the_better_one_serves() -> None:
    errors = {"bg_nbd": [2.0, 2.0], BASELINE: [1.9, 1.9], OTHER_BASELINE: [1.8, 1.8]}
    assert choose("bg_nbd", **errors) == OTHER_BASELINE
    assert choose("bg_nbd", **errors | {BASELINE: [1.9, 2.1], OTHER_BASELINE: [2.1, 1.9]}) == "bg_nbd"


def test_without_a_closed_window_bg_nbd_serves() -> None:
    assert value_training.choose([], "boosting", CONFIG) == ("bg_nbd", "No closed window to compare models on.")
    assert choose("boosting", days=365, boosting=[1.0], bg_nbd=[2.0]) == "bg_nbd"  # other windows do not count


@pytest.fixture(scope="module")
def known() -> History:
    return histories.invented(700)


@pytest.fixture(scope="module")
def fitted(known: History) -> ChurnFit:
    """What every case starts from; the cases put their own Brier scores in."""
    return churn.fit(known.features, known.outcomes)


def judged(fitted: ChurnFit, own: float | None, baseline: float) -> ChurnFit:
    """The fit on a window on which its champion and the rule have these Brier scores."""
    briers = {fitted.model.champion.name: own, churn_training.BASELINE: baseline}
    rows = [
        {"candidate": name, "customers_of": group, "brier": brier if group == "all" else 0.5}
        for name, brier in briers.items()
        for group in ("active", "all")
        if brier is not None
    ]
    return replace(fitted, comparison=pd.DataFrame(rows))


def decided(
    fitted: ChurnFit, known: History, windows: list[tuple[float | None, float]], incumbent: Champion | None = None
) -> tuple[Decision, str]:
    """The decision, and the model that is kept."""
    folds = [judged(fitted, *window) for window in windows]
    model, verdict = churn_training.decide(folds[0] if folds else fitted, folds, known, incumbent)
    assert verdict.model_name == (
        incumbent.model_name if verdict.decision is Decision.RETAINED else model.champion.name
    )
    return verdict.decision, model.champion.name


def test_the_winner_serves(fitted: ChurnFit, known: History) -> None:
    name = fitted.model.champion.name
    assert name != churn_training.BASELINE
    assert decided(fitted, known, [(0.10, 0.15), (0.10, 0.15)]) == (Decision.PROMOTION, name)


@pytest.mark.parametrize(
    ("windows", "is_demoted"),
    [
        ([(0.16, 0.15), (0.16, 0.15), (0.1, 0.2)], True),
        ([(0.15, 0.15), (0.15, 0.15)], True),  # no better than a rule that needs no training
        ([(0.16, 0.15), (0.14, 0.15), (0.2, 0.1)], False),
        ([(0.14, 0.15), (0.16, 0.15), (0.2, 0.1)], False),
        ([(0.16, 0.15)], False),
        ([(0.16, 0.15), (None, 0.15)], False),  # it could not be fitted then
    ],
)
def test_churn_is_demoted_after_two_windows_in_a_row(
    fitted: ChurnFit, known: History, windows: list[tuple[float | None, float]], is_demoted: bool
) -> None:
    expected = (Decision.DEMOTION, "rhythm_rule") if is_demoted else (Decision.PROMOTION, fitted.model.champion.name)
    assert decided(fitted, known, windows) == expected


@pytest.mark.parametrize(("share", "expected"), [(1.005, Decision.PROMOTION), (1.02, Decision.RETAINED)])
def test_the_incumbent_stays_where_it_is_better_by_a_hundredth(
    fitted: ChurnFit, known: History, share: float, expected: Decision
) -> None:
    """It is judged on the newest window by itself: its Brier is that of the fit that it is."""
    name = fitted.model.champion.name
    cards = fitted.comparison
    present = cards.loc[(cards["candidate"] == name) & (cards["customers_of"] == "all"), "brier"].iloc[0]
    incumbent = Champion(Task.CHURN, "of_last_week", "of_last_week 1", date(2026, 6, 20), fitted.model.to_parameters())
    assert decided(fitted, known, [(present * share, 0.9)], incumbent)[0] is expected


def test_without_a_closed_window_the_rule_serves(known: History) -> None:
    newest = known.cutoffs[-1]
    young = known.seen_from(newest)  # one cut-off, nothing to judge on
    fit = churn.fit(young.features, young.outcomes)
    assert fit.validation_date is None
    incumbent = Champion(Task.CHURN, "boosting", "boosting 1", date(2025, 1, 1), fit.model.to_parameters())
    model, verdict = churn_training.decide(fit, [], young, incumbent)
    assert (verdict.decision, model.champion.name) == (Decision.PROMOTION, "rhythm_rule")
    assert "too_few_closed_cutoffs" in verdict.reason
