"""Experiments against published numbers, and against themselves: tests of nothing must find nothing."""

from collections import Counter

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creamery.audiences import experiment_power, experiments
from creamery.audiences.experiment_statistics import holm, mean_difference, rate_difference, wilson_interval
from creamery.audiences.experiments import Experiment, Metric, MetricKind, Outcome, assign, judge
from creamery.errors import InputError

BUYS = Metric("buys", MetricKind.RATE)
OPENS = Metric("opens", MetricKind.RATE)
SPENDS = Metric("spends", MetricKind.AMOUNT)
CODES = [f"P{number:07d}" for number in range(40_000)]


def experiment(**changes: object) -> Experiment:
    given = {"name": "subject line", "weights": {"plain": 1, "warm": 1}, "primary": BUYS, "planned_per_arm": 1_000}
    return Experiment(**(given | changes))  # type: ignore[arg-type]


def shares(successes: int, customers: int) -> np.ndarray:
    return np.repeat([1.0, 0.0], [successes, customers - successes])


# --- Published numbers ---


def test_chi_square_of_aspirin_and_heart_attacks() -> None:
    """Agresti, An Introduction to Categorical Data Analysis, table 2.3: X2 = 25.01, difference 0.0077."""
    found = rate_difference(189, 11034, 104, 11037)
    assert found.value == pytest.approx(0.0077, abs=5e-5)
    assert (round(found.low, 3), round(found.high, 3)) == (0.005, 0.011)
    assert found.p_value == pytest.approx(5.7e-7, rel=0.01)  # the upper tail of chi-square at 25.01


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
    ],
)
def test_interval_of_a_difference(first: tuple[int, int], second: tuple[int, int], low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17: 873-890, table II, method 10."""
    found = rate_difference(*first, *second)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_score_interval() -> None:
    """Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3: 81 of 263."""
    assert [round(limit, 4) for limit in wilson_interval(81, 263)] == [0.2553, 0.3662]


def test_sample_ratio() -> None:
    """Kohavi, Tang, Xu, Trustworthy Online Controlled Experiments, chapter 3: p = 1.8e-6."""
    found = experiments.sample_ratio_p(experiment(), {"plain": 821_588, "warm": 815_482})
    assert found == pytest.approx(1.8e-6, rel=0.03)


def test_holm() -> None:
    """What R's p.adjust(..., "holm") gives; of these four, 0.01 and 0.005 are kept at 5 %."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_customers_needed() -> None:
    """Fleiss, Statistical Methods for Rates and Proportions, table A.3 has 219 with the continuity correction that we
    leave out: n (1 + sqrt(1 + 4 / (n d))) squared / 4."""
    needed = experiment_power.customers_needed(0.10, 0.10)
    assert needed == 199
    assert round(needed / 4 * (1 + np.sqrt(1 + 4 / (needed * 0.10))) ** 2) == 219


def test_customers_needed_by_the_rule_of_thumb() -> None:
    """Kohavi, Henne, Sommerfield, Practical Guide to Controlled Experiments on the Web: 5 % more than 5 % takes about
    16 p (1 - p) / d squared = 121,600 users per variant."""
    assert experiment_power.customers_needed(0.05, 0.0025) == pytest.approx(121_600, rel=0.02)


def test_detectable_mean_by_the_rule_of_thumb() -> None:
    """The same place: 5 % of $3.75 at a deviation of $30 takes about 409,600 users per variant."""
    found = experiment_power.detectable_mean(3.75, 30, 409_600, 409_600)
    assert found.relative == pytest.approx(0.05, rel=0.02)


# --- Power ---


@given(st.floats(0.001, 0.9), st.integers(1_000, 10**6))
def test_what_can_be_shown_and_what_is_needed_agree(rate: float, customers: int) -> None:
    effect = experiment_power.detectable_rate(rate, customers, customers).value
    if effect is not None and effect > 1e-4:
        assert experiment_power.customers_needed(rate, effect) == pytest.approx(customers, rel=1e-3)


def test_an_effect_of_the_detectable_size_is_found_in_four_of_five_cases() -> None:
    effect = experiment_power.detectable_rate(0.05, 4_000, 2_000).value
    assert effect is not None
    draws = np.random.default_rng(1)
    found = sum(
        rate_difference(*draw, 2_000).p_value < 0.05
        for draw in zip(
            draws.binomial(4_000, 0.05 + effect, 800).tolist(),
            [4_000] * 800,
            draws.binomial(2_000, 0.05, 800).tolist(),
            strict=True,
        )
    )
    assert found / 800 == pytest.approx(0.80, abs=0.045)  # three standard errors


def test_too_few_to_show_anything() -> None:
    assert experiment_power.detectable_rate(0.9, 5, 5).value is None
    assert str(experiment_power.detectable_rate(0.9, 5, 5)) == "too small to show any effect"
    assert experiment_power.detectable_mean(10, 5, 0, 5).value is None
    with pytest.raises(ValueError, match="cannot rise"):
        experiment_power.customers_needed(0.95, 0.1)


# --- Assignment ---


def test_arms_follow_the_weights_within_the_test_share() -> None:
    test = experiment(weights={"a": 1, "b": 2, "c": 1}, test_share=0.4)
    drawn = Counter(assign(test, code) for code in CODES)
    assert drawn[None] / len(CODES) == pytest.approx(0.6, abs=0.01)
    part = {arm: count for arm, count in drawn.items() if arm}
    assert experiments.sample_ratio_p(test, part) > experiments.SAMPLE_RATIO_LIMIT


def test_a_customer_keeps_its_arm_when_the_share_grows() -> None:
    few, many = experiment(test_share=0.2), experiment(test_share=0.7)
    assert all(assign(many, code) == assign(few, code) for code in CODES if assign(few, code))


def test_two_tests_are_drawn_independently() -> None:
    first, second = experiment(name="first"), experiment(name="second")
    both = Counter((assign(first, code), assign(second, code)) for code in CODES)
    assert all(count == pytest.approx(len(CODES) / 4, rel=0.05) for count in both.values())


def test_postgres_draws_the_same_number(admin_dsn: str) -> None:
    with psycopg.connect(admin_dsn) as connection:
        row = connection.execute(
            "select ('x' || left(encode(sha256(convert_to('subject line|arm|P1é', 'UTF8')), 'hex'), 15))"
            "::bit(60)::bigint / 16 ^ 15::double precision"
        ).fetchone()
    assert row is not None
    assert row[0] == experiments.draw("subject line", "arm", "P1é")


# --- Verdicts ---


def test_a_winner_needs_significance_and_the_planned_sample() -> None:
    clear = {"plain": {"buys": shares(100, 2_000)}, "warm": {"buys": shares(160, 2_000)}}
    won = judge(experiment(planned_per_arm=2_000), clear)
    assert (won.outcome, won.winner) == (Outcome.WINNER, "warm")
    early = judge(experiment(planned_per_arm=2_001), clear)
    assert (early.outcome, early.winner) == (Outcome.RUNNING, None)
    assert early.comparisons[0].is_significant


def test_a_difference_that_may_be_chance() -> None:
    verdict = judge(experiment(), {"plain": {"buys": shares(100, 2_000)}, "warm": {"buys": shares(112, 2_000)}})
    assert (verdict.outcome, verdict.winner) == (Outcome.CANNOT_TELL, None)
    assert "warm +0.006 (95 %" in verdict.why


def test_the_control_can_win() -> None:
    verdict = judge(experiment(), {"plain": {"buys": shares(160, 2_000)}, "warm": {"buys": shares(100, 2_000)}})
    assert (verdict.outcome, verdict.winner) == (Outcome.WINNER, "plain")


def test_unequal_arms_stop_it_whatever_they_show() -> None:
    verdict = judge(experiment(), {"plain": {"buys": shares(100, 2_400)}, "warm": {"buys": shares(300, 2_000)}})
    assert (verdict.outcome, verdict.winner, verdict.comparisons) == (Outcome.STOPPED, None, ())


def test_an_arm_that_got_nobody_stops_it() -> None:
    verdict = judge(experiment(), {"plain": {"buys": shares(100, 90_000)}, "warm": {"buys": shares(0, 0)}})
    assert verdict.outcome is Outcome.STOPPED


def test_several_arms_and_metrics_are_corrected() -> None:
    test = experiment(weights={"a": 1, "b": 1, "c": 1}, secondary=(OPENS, SPENDS))
    spends = np.random.default_rng(2).gamma(1, 100, 2_000)
    observed = {
        "a": {"buys": shares(100, 2_000), "opens": shares(500, 2_000), "spends": spends},
        # p = 0.030 alone, and not significant as one of two
        "b": {"buys": shares(132, 2_000), "opens": shares(500, 2_000), "spends": spends},
        "c": {"buys": shares(100, 2_000), "opens": shares(700, 2_000), "spends": spends * 2},
    }
    verdict = judge(test, observed)
    assert verdict.outcome is Outcome.CANNOT_TELL
    b = verdict.comparisons[0]
    assert b.difference.p_value < 0.05 < b.adjusted_p == pytest.approx(2 * b.difference.p_value)
    assert {(each.metric, each.arm) for each in verdict.comparisons if each.is_significant} == {
        ("opens", "c"),
        ("spends", "c"),
    }


def test_the_best_of_several_wins() -> None:
    observed = {arm: {"buys": shares(count, 2_000)} for arm, count in {"a": 100, "b": 180, "c": 200}.items()}
    assert judge(experiment(weights={"a": 1, "b": 1, "c": 1}), observed).winner == "c"


def test_the_winner_is_rolled_out_to_the_rest() -> None:
    test = experiment(test_share=0.2)
    won = judge(test, {"plain": {"buys": shares(100, 2_000)}, "warm": {"buys": shares(160, 2_000)}})
    unclear = judge(test, {"plain": {"buys": shares(100, 2_000)}, "warm": {"buys": shares(100, 2_000)}})
    for code in CODES[:500]:
        arm = assign(test, code)
        assert experiments.roll_out(test, code, won) == (arm or "warm")
        assert experiments.roll_out(test, code, unclear) == (arm or "plain")


def test_the_same_numbers_give_the_same_verdict() -> None:
    test = experiment(primary=SPENDS)
    spends = np.random.default_rng(3).gamma(0.1, 1_000, 3_000)
    observed = {"plain": {"spends": spends[:1_500]}, "warm": {"spends": spends[1_500:]}}
    assert judge(test, observed) == judge(test, observed)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {"plain": 1}}, "at least one other arm"),
        ({"weights": {"plain": 1, "warm": 0}}, "above 0"),
        ({"test_share": 0}, "test share is 0"),
        ({"planned_per_arm": 999}, "1,000 are the least"),
        ({"secondary": (BUYS,)}, "named twice"),
        ({"name": "a|b"}, "without"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        experiment(**changes)


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="not only 0 and 1"):
        judge(experiment(), {"plain": {"buys": np.array([2.0])}, "warm": {"buys": np.array([0.0])}})
    with pytest.raises(InputError, match="no values of 'warm'"):
        judge(experiment(), {"plain": {"buys": shares(1, 2)}})
    with pytest.raises(InputError, match=r"\[2, 3\]"):
        judge(
            experiment(secondary=(OPENS,)),
            {arm: {"buys": shares(1, 2), "opens": shares(1, 3)} for arm in ("plain", "warm")},
        )


# --- A/A: nothing sets the arms apart ---


def test_tests_of_nothing_find_a_rate_in_one_of_twenty() -> None:
    draws = np.random.default_rng(4)
    rounds = 2_000
    plain, warm = draws.binomial(2_000, 0.05, (2, rounds)).tolist()
    found = sum(
        rate_difference(one, 2_000, other, 2_000).p_value < 0.05 for one, other in zip(plain, warm, strict=True)
    )
    assert found / rounds == pytest.approx(0.05, abs=0.0147)  # three standard errors


def test_tests_of_nothing_find_revenue_in_one_of_twenty() -> None:
    draws = np.random.default_rng(5)
    rounds = 300
    found = 0
    for seed in range(rounds):
        # One in ten buys, for amounts of which the largest tenth is half of all: a shop.
        one, other = draws.binomial(1, 0.1, (2, 2_000)) * np.round(draws.lognormal(6, 1, (2, 2_000)))
        found += mean_difference(one, other, seed, draws=300).p_value < 0.05
    assert found / rounds == pytest.approx(0.05, abs=0.038)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_intervals_hold_the_difference_and_agree_with_the_mirror(
    successes: int, more: int, control_successes: int, control_more: int
) -> None:
    there = rate_difference(successes, successes + more, control_successes, control_successes + control_more)
    back = rate_difference(control_successes, control_successes + control_more, successes, successes + more)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.p_value == pytest.approx(back.p_value)
