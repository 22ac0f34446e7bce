"""Experiments of campaigns: SQL draws as Python does, verdicts fall once, and the rest gets what they say."""

import json
from pathlib import Path

import psycopg
import pytest

from creamery.audiences import judgement
from creamery.audiences.definition import load_campaigns
from creamery.audiences.experiments import Experiment, Outcome, Verdict, assign, roll_out
from creamery.errors import InputError
from tests.audiences.desk import CATALOGUE, CUSTOMERS, Desk, code, november

EVERY_ORDER = {"on": "event", "event": "order"}
SUBJECT = {
    "name": "subject",
    "variants": [{"name": "plain"}, {"name": "warm"}],
    "primary_metric": "conversion",
    "secondary_metrics": ["revenue"],
    "planned_size": 1000,
}
WAITS = ("skipped", "waits for the experiment")


@pytest.fixture
def desk(connection: psycopg.Connection, tmp_path: Path) -> Desk:
    desk = Desk(connection, tmp_path)
    connection.execute("delete from campaigns.experiment_result")
    connection.execute("delete from campaigns.experiment")
    return desk


def define(desk: Desk, **changes: object) -> Experiment:
    """Campaign win with SUBJECT, changed."""
    desk.define("win", trigger=EVERY_ORDER, experiment=SUBJECT | changes)
    (campaign,) = load_campaigns(desk.folder, CATALOGUE).definitions
    assert campaign.experiment is not None
    return campaign.experiment


def variants(desk: Desk, campaign: str = "win") -> dict[int, tuple[str | None, str | None]]:
    """Variant and the experiment that drew it, by customer."""
    rows = desk.connection.execute(
        "select customer_sk, variant, experiment_name from campaigns.enrolment where campaign_name = %s", (campaign,)
    ).fetchall()
    return {customer: (variant, experiment) for customer, variant, experiment in rows}


# --- Draws ---


@pytest.mark.parametrize(
    ("weights", "test_share"), [((1, 1), 1), ((0.1, 0.7, 0.2), 0.3), ((3, 0.1, 0.2, 5), 0.999), ((1, 99), 0.01)]
)
def test_sql_draws_the_arms_that_python_draws(desk: Desk, weights: tuple[float, ...], test_share: float) -> None:
    experiment = define(
        desk,
        variants=[{"name": f"arm_{place}", "weight": weight} for place, weight in enumerate(weights)],
        test_share=test_share,
    )
    desk.night(1)
    codes = [f"P{number:07d}" for number in range(3_000)] + ["é|ü", "৳ 100", ""]
    rows = desk.connection.execute(
        "select code, campaigns.variant_of('win.subject', code) from unnest(%s::text[]) as codes (code)", (codes,)
    )
    assert dict(rows.fetchall()) == {each: assign(experiment, each) for each in codes}


def test_everybody_treated_has_a_variant_and_the_control_group_has_none(desk: Desk) -> None:
    experiment = define(desk)
    desk.define("plain", trigger=EVERY_ORDER)
    desk.order(1, *CUSTOMERS)
    desk.night(1)
    assert variants(desk) == {each: (assign(experiment, code(each)), "win.subject") for each in CUSTOMERS}
    assert variants(desk, "plain") == dict.fromkeys(CUSTOMERS, (None, None))
    desk.night(1, global_control_percent=100)
    assert variants(desk) == dict.fromkeys(CUSTOMERS, (None, None))


def test_the_rest_waits_for_the_verdict_and_gets_what_it_says(desk: Desk) -> None:
    experiment = define(desk, test_share=0.5)
    taking_part = {each for each in CUSTOMERS if assign(experiment, code(each)) is not None}
    assert 0 < len(taking_part) < len(CUSTOMERS)
    desk.order(1, *CUSTOMERS)
    desk.night(1)
    assert set(variants(desk)) == taking_part
    assert {customer for customer, row in desk.log("win", 1).items() if row == WAITS} == set(CUSTOMERS) - taking_part
    decide(desk, 2, Outcome.WINNER, "warm")
    desk.night(2)  # of the day of the verdict itself nothing changes, so that it can be run again
    assert set(variants(desk)) == taking_part
    desk.night(3)
    rest = set(CUSTOMERS) - taking_part
    assert {each: row for each, row in variants(desk).items() if each in rest} == dict.fromkeys(rest, ("warm", None))


@pytest.mark.parametrize(
    ("outcome", "winner"), [(Outcome.WINNER, "warm"), (Outcome.CANNOT_TELL, None), (Outcome.STOPPED, None)]
)
def test_after_the_verdict_who_took_part_keeps_its_arm_unless_it_was_stopped(
    desk: Desk, outcome: Outcome, winner: str | None
) -> None:
    experiment = define(desk)
    desk.order(1, 1, 2, 3)
    desk.night(1)
    decide(desk, 1, outcome, winner)
    desk.connection.execute("update campaigns.enrolment set enrolment_status = 'expired', ended_date = '2026-11-01'")
    desk.order(3, *CUSTOMERS)
    desk.night(3)
    verdict = Verdict(outcome, winner, "", {}, 1)
    rows = desk.connection.execute(
        "select customer_sk, variant, experiment_name from campaigns.enrolment where enrolled_date = '2026-11-03'"
    ).fetchall()
    expected = {each: roll_out(experiment, code(each), verdict, took_part=each <= 3) for each in CUSTOMERS}
    assert {customer: variant for customer, variant, _ in rows} == expected
    assert {name for *_, name in rows} == {None}


def test_a_design_stands_once_somebody_was_drawn_and_the_share_may_grow(desk: Desk) -> None:
    define(desk)
    desk.night(1)
    define(desk, planned_size=2000)
    desk.order(2, 1)
    desk.night(2)
    assert len(variants(desk)) == 1
    define(desk, planned_size=3000)
    desk.order(3, 2)
    error = desk.night(3)["win"].error
    assert error is not None
    assert "give the changed experiment another name" in error
    assert len(variants(desk)) == 1
    define(desk, planned_size=2000, test_share=0.9999)
    assert desk.night(3)["win"].error is None
    define(desk, name="other", planned_size=3000)
    assert desk.night(3)["win"].error is None


# --- Verdicts ---


def test_a_verdict_falls_once_at_the_planned_size(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    observe(desk, "plain", 999, buyers=50)
    observe(desk, "warm", 1_060, buyers=106)
    assert judged(desk, 19) == [("win.subject", "running")]
    assert results(desk, 19)["conversion", "plain"][:3] == (999, pytest.approx(50 / 999), None)
    observe(desk, "plain", 101, buyers=5)
    assert judged(desk, 19) == [("win.subject", "winner")]
    first = results(desk, 19)
    assert first["conversion", "warm"] == (1_060, 0.1, pytest.approx(0.05), "winner", "warm")
    assert first["revenue", "warm"] == (1_060, pytest.approx(2), pytest.approx(1), "winner", "warm")
    assert judged(desk, 19) == [("win.subject", "winner")]
    assert results(desk, 19) == first
    observe(desk, "plain", 5_000, buyers=5_000)
    desk.publish(20)
    assert judged(desk, 20) == [("win.subject", "winner")]
    assert results(desk, 20) == first
    assert results(desk, 19) == first


def test_what_may_be_chance_cannot_be_told(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    observe(desk, "plain", 1_000, buyers=50)
    observe(desk, "warm", 1_000, buyers=55)
    assert judged(desk, 19) == [("win.subject", "cannot tell")]
    desk.connection.execute(
        "update audiences.campaign_conversion set is_window_closed = false where enrolment_sk % 2 = 0"
    )
    assert judged(desk, 19) == [("win.subject", "running")]  # the day again: now half of the windows are open
    (row,) = desk.connection.execute(
        "select sum(drawn_count), sum(measured_count) from campaigns.experiment_result where is_primary"
    ).fetchall()
    assert row == (2_000, 1_000)


def test_arms_of_wrong_sizes_stop_it_and_show_no_figure(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    observe(desk, "plain", 1_000, buyers=50)
    observe(desk, "warm", 1_200, buyers=120)
    assert judged(desk, 19) == [("win.subject", "stopped: sample ratio")]
    assert {row[1:] for row in results(desk, 19).values()} == {(None, None, "stopped: sample ratio", None)}


def test_a_customer_who_comes_back_counts_once_and_control_groups_not_at_all(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    observe(desk, "plain", 10, buyers=0)
    observe(desk, "warm", 10, buyers=10)
    observe(desk, "warm", 10, buyers=0, again=True)
    desk.connection.execute("update campaigns.enrolment set experiment_name = null where customer_sk = 10001")
    judged(desk, 19)
    assert {arm: row[:2] for (metric, arm), row in results(desk, 19).items() if metric == "conversion"} == {
        "plain": (9, 0),
        "warm": (10, 1),
    }


def test_nobody_drawn_yet_is_no_verdict(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    assert judged(desk, 19) == [("win.subject", "running")]
    assert {row[:2] for row in results(desk, 19).values()} == {(0, None)}


def test_past_days_keep_what_was_said(desk: Desk) -> None:
    define(desk)
    desk.night(19)
    with pytest.raises(InputError, match="newest published day alone, 2026-11-19"):
        judged(desk, 18)


# --- Definitions ---


@pytest.mark.parametrize(
    ("change", "error", "place"),
    [
        ({"variants": [{"name": "plain"}]}, "bad_experiment", "experiment"),
        ({"variants": [{"name": "plain"}, {"name": "plain"}]}, "bad_experiment", "experiment.variants[1].name"),
        ({"variants": [{"name": "plain"}, {"name": "warm", "weight": 0}]}, "bad_experiment", "experiment"),
        ({"test_share": 0}, "bad_experiment", "experiment"),
        ({"test_share": 1.5}, "bad_experiment", "experiment"),
        ({"planned_size": 999}, "out_of_range", "experiment.planned_size"),
        ({"primary_metric": "opens"}, "unknown_metric", "experiment.primary_metric"),
        ({"secondary_metrics": ["conversion"]}, "bad_experiment", "experiment"),
        ({"days": 3}, "unknown_key", "experiment"),
    ],
)
def test_what_no_verdict_can_come_of_is_refused(
    tmp_path: Path, change: dict[str, object], error: str, place: str
) -> None:
    document = {
        "name": "win", "title": "Of a test", "description": "Of a test.", "type": "welcome", "trigger": EVERY_ORDER,
        "steps": [{"channel": "email"}], "priority": 10, "experiment": SUBJECT | change,
    }  # fmt: skip
    (tmp_path / "win.yaml").write_text(json.dumps(document))
    (refusal,) = load_campaigns(tmp_path, CATALOGUE).errors
    assert (refusal.code, refusal.place) == (error, place)


def decide(desk: Desk, day: int, outcome: Outcome, winner: str | None) -> None:
    desk.connection.execute(
        "update campaigns.experiment set decided_date = %s, outcome = %s, winner = %s, why = ''",
        (november(day), outcome, winner),
    )


def observe(desk: Desk, variant: str, customers: int, buyers: int, again: bool = False) -> None:
    """Customers drawn into the variant in October, of whom some bought for 20; `again`: of those there already."""
    row = desk.connection.execute(
        "select count(distinct customer_sk) from campaigns.enrolment where experiment_name is not null"
    ).fetchone()
    assert row
    first = 10_001 + row[0] - (customers if again else 0)
    values = {"first": first, "last": first + customers - 1, "variant": variant, "buyers": buyers, "again": again}
    desk.connection.execute(
        "insert into campaigns.enrolment (enrolment_sk, campaign_name, customer_sk, trigger_key, trigger_date,"
        " enrolled_date, arm, variant, experiment_name, enrolment_status, ended_date)"
        " select keys.number + case when %(again)s then 1000000 else 0 end, 'win', keys.number, %(again)s::text,"
        " '2026-10-01', date '2026-10-01' + %(again)s::integer, 'treated', %(variant)s, 'win.subject', 'completed',"
        " '2026-10-02' from generate_series(%(first)s::bigint, %(last)s) as keys (number)",
        values,
    )
    desk.connection.execute(
        "insert into audiences.campaign_conversion (as_of_date, enrolment_sk, campaign_name, customer_sk, arm,"
        " enrolled_date, enrolment_status, message_count, is_window_closed, order_count, net_amount)"
        " select '2026-11-19', keys.number + case when %(again)s then 1000000 else 0 end, 'win', keys.number,"
        " 'treated', '2026-10-01', 'completed', 0, true, (keys.number < %(first)s + %(buyers)s)::integer,"
        " 20 * (keys.number < %(first)s + %(buyers)s)::integer"
        " from generate_series(%(first)s::bigint, %(last)s) as keys (number)",
        values,
    )


def judged(desk: Desk, day: int) -> list[tuple[str, str]]:
    campaigns = load_campaigns(desk.folder, CATALOGUE)
    found = judgement.judge_experiments(desk.connection, campaigns, november(day))
    return [(each.experiment_name, each.outcome) for each in found]


def results(desk: Desk, day: int) -> dict[tuple[str, str], tuple[object, ...]]:
    """Customers measured, mean, difference, outcome and winner by metric and variant."""
    rows = desk.connection.execute(
        "select metric, variant, measured_count, metric_value, difference, outcome, winner"
        " from campaigns.experiment_result where as_of_date = %s",
        (november(day),),
    ).fetchall()
    return {(metric, variant): tuple(values) for metric, variant, *values in rows}
