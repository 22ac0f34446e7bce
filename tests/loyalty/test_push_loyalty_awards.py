"""The steps of push_loyalty_awards with the connections that Airflow reads."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from creamery.errors import AccessRefusedError, ConfigError, CreameryError, PushError
from creamery.loyalty import guard, settings
from creamery.orchestration import awards
from tests.loyalty import clubs, worlds
from tests.loyalty.cutting_proxy import CuttingProxy, When
from tests.loyalty.test_push_loyalty_expiries import YES, connect
from tests.loyalty.worlds import ACCOUNTS, AS_OF, World


@pytest.fixture
def night(club: World, monkeypatch: pytest.MonkeyPatch) -> World:
    return connect(club, monkeypatch)


@pytest.fixture
def own_night(own_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    return connect(clubs.prepare(own_world), monkeypatch)


def test_the_first_plan_is_approved_and_the_next_goes_by_itself(night: World) -> None:
    clubs.due(night, ACCOUNTS[0], "order", 30, source_id=12)
    clubs.due(night, ACCOUNTS[0], "tier")
    plans = awards.plan_awards([AS_OF])
    assert (len(plans["awaiting"]), plans["approved"]) == (1, [])
    assert "**30 points** are awarded, beside the 12000 that there are" in plans["question"]
    assert "1 awards and 1 changes of tier on 1 accounts. Asked because: Nothing has been awarded" in plans["question"]
    assert clubs.account_of(night, ACCOUNTS[0])[0] == 300, "nothing is given before somebody approves"
    # Its tier is what it should be.
    assert awards.apply_approved(plans["awaiting"], YES) == {"done": 1, "rejected": 1, "points": 30.0}
    assert awards.verify(plans["awaiting"]) == 1
    assert awards.note_rejections(plans["awaiting"]) == 0
    assert worlds.rows(night.warehouse, "select purpose, decided_by, state from push.loyalty_plan") == [
        ("awards", "Mina", "verified")
    ]

    worlds.run(night.warehouse, "delete from audiences.loyalty_award where award_type = 'tier'")
    with pytest.raises(AirflowSkipException, match="is left to award"):
        awards.plan_awards([AS_OF])
    clubs.due(night, ACCOUNTS[1], "order", 40, source_id=13)
    plans = awards.plan_awards([AS_OF])
    assert (plans["awaiting"], plans["question"]) == ([], "")
    assert awards.apply(plans["approved"]) == {"done": 1, "rejected": 0, "points": 40.0}
    assert clubs.account_of(night, ACCOUNTS[1])[0] == 340


def test_what_is_only_reported_is_not_written(night: World) -> None:
    clubs.due(night, ACCOUNTS[0], "order", 30, source_id=12, mode="report only")
    with pytest.raises(AirflowSkipException, match="no program is active"):
        awards.plan_awards([AS_OF])
    clubs.due(night, ACCOUNTS[1], "order", 40, source_id=13)
    plans = awards.plan_awards([AS_OF])
    awards.apply_approved(plans["awaiting"], YES)
    assert [clubs.account_of(night, account)[0] for account in ACCOUNTS[:2]] == [300, 340]
    assert len(clubs.states(night)) == 1


def test_what_nobody_approves_is_not_given_and_is_planned_again(night: World) -> None:
    clubs.due(night, ACCOUNTS[0], "order", 30, source_id=12)
    plans = awards.plan_awards([AS_OF])
    assert awards.note_rejections(plans["awaiting"]) == 1
    with pytest.raises(PushError, match="is rejected"):
        awards.apply_approved(plans["awaiting"], YES)
    assert clubs.account_of(night, ACCOUNTS[0])[0] == 300
    assert awards.plan_awards([AS_OF])["awaiting"]


def test_another_odoo_is_refused(own_night: World) -> None:
    clubs.due(own_night, ACCOUNTS[0], "order", 30, source_id=12)
    plans = awards.plan_awards([AS_OF])
    worlds.run(own_night.odoo, "update ir_config_parameter set value = 'another' where key = 'database.uuid'")
    for step in (lambda: awards.plan_awards([AS_OF]), lambda: awards.apply_approved(plans["awaiting"], YES)):
        with pytest.raises(PushError, match="into another"):
            step()
    assert clubs.account_of(own_night, ACCOUNTS[0])[0] == 300


def test_skipped_where_there_is_nothing_to_do(own_night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowSkipException, match="Only the newest published day"):
        awards.plan_awards([AS_OF.replace(day=1)])
    with pytest.raises(AirflowSkipException, match="no program is active"):
        awards.plan_awards([AS_OF])
    clubs.due(own_night, ACCOUNTS[0], "order", 30, source_id=12)
    worlds.run(own_night.odoo, "drop table creamery.points_awarded")
    with pytest.raises(AccessRefusedError, match=r"creamery\.points_awarded.*odoo_loyalty_writer\.sql"):
        awards.plan_awards([AS_OF])
    monkeypatch.delenv("AIRFLOW_CONN_ODOO_LOYALTY")
    with pytest.raises(AirflowSkipException, match="No connection odoo_loyalty"):
        awards.plan_awards([AS_OF])
    worlds.run(own_night.warehouse, "drop table audiences.loyalty_award")
    with pytest.raises(AirflowSkipException, match="no program is active"):
        awards.plan_awards([AS_OF])


def test_what_an_interrupted_run_gave_is_found_though_nothing_else_is_due(night: World) -> None:
    key = clubs.due(night, ACCOUNTS[0], "order", 30, source_id=12)
    planned = clubs.make_plan(night)
    with CuttingProxy(night.writer, b"COMMIT", When.UNANSWERED, stays_down=True) as proxy, pytest.raises(CreameryError):
        clubs.write(replace(night, writer=proxy.dsn), planned.plan_id)
    worlds.run(night.warehouse, "truncate audiences.loyalty_award")
    with pytest.raises(AirflowSkipException, match="is left to award"):
        awards.plan_awards([AS_OF])
    assert clubs.states(night) == {key: ("done", None)}


def test_what_leaves_the_warehouse_names_nobody(night: World) -> None:
    key = clubs.due(night, ACCOUNTS[0], "order", 30, source_id=87654)
    told = json.dumps(awards.plan_awards([AS_OF]))
    assert key not in told
    assert "87654" not in told


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (guard.AwardAmounts(10, 5, Decimal(100), Decimal(1000), is_first=False), ()),
        (guard.AwardAmounts(10, 5, Decimal(100), Decimal(1000), is_first=True), ("before",)),
        (guard.AwardAmounts(11, 5, Decimal(100), Decimal(1000), is_first=False), ("11 awards",)),
        (guard.AwardAmounts(10, 6, Decimal(100), Decimal(1000), is_first=False), ("6 changes of tier",)),
        (guard.AwardAmounts(10, 5, Decimal(101), Decimal(2000), is_first=False), ("points are more than 100",)),
        (guard.AwardAmounts(10, 5, Decimal(100), Decimal(999), is_first=False), ("10 %",)),
    ],
)
def test_each_limit_has_its_reason(amounts: guard.AwardAmounts, said: tuple[str, ...]) -> None:
    concerns = guard.award_concerns(amounts, guard.AwardLimits(awards=10, tiers=5, points=100, share_percent=10))
    assert len(concerns) == len(said)
    assert all(word in concern for word, concern in zip(said, concerns, strict=True))


def test_limits_with_a_wrong_key_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "loyalty.yaml"
    assert settings.load_award_limits().awards > 0
    file.write_text("award_guard: {awards: 5}")
    with pytest.raises(ConfigError, match="exactly these below it: awards, tiers, points, share_percent"):
        settings.load_award_limits(file)
    file.write_text("guard: {}\nawards: {}")
    with pytest.raises(ConfigError, match="no other keys than guard, award_guard"):
        settings.load_award_limits(file)
