"""The steps of push_loyalty_expiries with the connections that Airflow reads."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from creamery.errors import AccessRefusedError, ConfigError, CreameryError, PushError
from creamery.loyalty import guard, settings
from creamery.orchestration import loyalty
from tests.loyalty import fake_cards, worlds
from tests.loyalty.cutting_proxy import CuttingProxy, When
from tests.loyalty.worlds import ACCOUNTS, AS_OF, CARDS, World
from tests.push.fake_odoo import API_KEY, DATABASE, LOGIN, FakeOdoo

YES = {"chosen_options": ["Approve"], "responded_by_user": {"id": "1", "name": "Mina"}}


def connect(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("AIRFLOW_CONN_ANALYTICS_DW", worlds.as_uri(world.pipeline))
    monkeypatch.setenv("AIRFLOW_CONN_ODOO_LOYALTY", worlds.as_uri(world.writer))
    return world


@pytest.fixture
def night(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    return connect(world, monkeypatch)


@pytest.fixture
def own_night(own_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    return connect(own_world, monkeypatch)


def test_the_first_plan_is_approved_and_the_next_goes_by_itself(night: World) -> None:
    worlds.due(night, CARDS[0], 30, 20)
    worlds.due(night, ACCOUNTS[0], 100, kind="addon", program=5)
    plans = loyalty.plan_expiries([AS_OF])
    assert (len(plans["awaiting"]), plans["approved"]) == (2, [])
    assert "**50 points** of" in plans["question"]
    assert "2 lots on 1 cards. Asked because: Nothing has been expired here before." in plans["question"]
    assert worlds.balance(night, CARDS[0]) == 200, "nothing is written before somebody approves"
    assert loyalty.apply_approved(plans["awaiting"], YES) == {
        "odoo": {"done": 2, "rejected": 0, "points": 50.0},
        "addon": {"done": 1, "rejected": 0, "points": 100.0},
    }
    assert loyalty.verify(plans["awaiting"]) == {"odoo": 2, "addon": 1}
    assert loyalty.note_rejections(plans["awaiting"]) == 0
    assert set(worlds.rows(night.warehouse, "select decided_by, state from push.loyalty_plan")) == {
        ("Mina", "verified")
    }

    with pytest.raises(AirflowSkipException, match="is left to expire"):
        loyalty.plan_expiries([AS_OF])
    worlds.due(night, CARDS[1], 30)
    plans = loyalty.plan_expiries([AS_OF])
    assert plans["awaiting"] == []
    assert loyalty.apply(plans["approved"]) == {"odoo": {"done": 1, "rejected": 0, "points": 30.0}}
    assert worlds.balance(night, CARDS[1]) == 170


def test_what_nobody_approves_stays_and_is_planned_again(night: World) -> None:
    worlds.due(night, CARDS[0], 30)
    plans = loyalty.plan_expiries([AS_OF])
    assert loyalty.note_rejections(plans["awaiting"]) == 1
    with pytest.raises(PushError, match="is rejected"):
        loyalty.apply_approved(plans["awaiting"], YES)
    assert worlds.balance(night, CARDS[0]) == 200
    assert loyalty.plan_expiries([AS_OF])["awaiting"]


def test_more_points_than_the_limit_wait_for_a_person(night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.due(night, CARDS[0], 30)
    worlds.expire(night)
    monkeypatch.setattr(settings, "load", lambda: replace(worlds.LIMITS, points=50))
    worlds.due(night, CARDS[1], 51)
    assert "51 points are more than 50." in loyalty.plan_expiries([AS_OF])["question"]


def test_an_odoo_that_expires_points_itself_is_only_reported(own_night: World) -> None:
    worlds.due(own_night, CARDS[0], 30)
    worlds.run(own_night.odoo, "alter table loyalty_program add expire_after integer")
    with pytest.raises(AirflowSkipException, match="only reported"):
        loyalty.plan_expiries([AS_OF])
    assert worlds.rows(own_night.warehouse, "select state, lot_count from push.loyalty_plan") == [("report only", 1)]
    assert worlds.balance(own_night, CARDS[0]) == 200


def test_what_an_interrupted_run_wrote_is_found_though_nothing_else_is_due(night: World) -> None:
    keys = worlds.due(night, CARDS[0], 30)
    planned = worlds.make_plan(night)
    with CuttingProxy(night.writer, b"COMMIT", When.UNANSWERED, stays_down=True) as proxy, pytest.raises(CreameryError):
        worlds.write(replace(night, writer=proxy.dsn), planned.plan_id)
    worlds.run(night.warehouse, "truncate audiences.loyalty_expiry")
    with pytest.raises(AirflowSkipException, match="is left to expire"):
        loyalty.plan_expiries([AS_OF])
    assert worlds.states(night, keys) == {keys[0]: ("done", 30)}


def test_over_the_api_where_there_is_no_other_way(night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.due(night, CARDS[0], 30)
    worlds.due(night, ACCOUNTS[0], 100, kind="addon", program=5)
    monkeypatch.delenv("AIRFLOW_CONN_ODOO_LOYALTY")
    with FakeOdoo(19, uuid=worlds.value(night.warehouse, "select source_uuid from ops.warehouse")) as odoo:
        fake_cards.fill(odoo, night)
        described = {"conn_type": "http", "host": odoo.url, "login": LOGIN, "password": API_KEY}
        described |= {"extra": {"database": DATABASE}}
        monkeypatch.setenv("AIRFLOW_CONN_ODOO_API", json.dumps(described))
        plans = loyalty.plan_expiries([AS_OF])
        assert loyalty.apply_approved(plans["awaiting"], YES) == {"odoo": {"done": 1, "rejected": 0, "points": 30.0}}
        assert loyalty.verify(plans["awaiting"]) == {"odoo": 1}
        assert odoo.store.records["loyalty.card"][CARDS[0]]["points"] == 170


def test_skipped_where_there_is_nothing_to_do(own_night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowSkipException, match="Only the newest published day"):
        loyalty.plan_expiries([AS_OF.replace(day=1)])
    with pytest.raises(AirflowSkipException, match="no program is active"):
        loyalty.plan_expiries([AS_OF])
    worlds.due(own_night, CARDS[0], 30)
    monkeypatch.delenv("AIRFLOW_CONN_ODOO_LOYALTY")
    with pytest.raises(AirflowSkipException, match="No connection odoo_loyalty or odoo_api"):
        loyalty.plan_expiries([AS_OF])
    worlds.run(own_night.warehouse, "drop table audiences.loyalty_expiry")
    with pytest.raises(AirflowSkipException, match="no program is active"):
        loyalty.plan_expiries([AS_OF])


def test_an_odoo_that_was_not_prepared_is_named(own_night: World) -> None:
    worlds.due(own_night, CARDS[0], 30)
    worlds.run(own_night.odoo, "drop table creamery.points_expired")
    with pytest.raises(AccessRefusedError, match=r"creamery\.points_expired.*odoo_loyalty_writer\.sql"):
        loyalty.plan_expiries([AS_OF])


def test_what_leaves_the_warehouse_names_nobody(night: World) -> None:
    worlds.due(night, CARDS[0], 30)
    told = json.dumps(loyalty.plan_expiries([AS_OF]))
    assert str(CARDS[0]) not in told


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (guard.Amounts(10, Decimal(100), Decimal(1000), is_first=False), ()),
        (guard.Amounts(10, Decimal(100), Decimal(1000), is_first=True), ("before",)),
        (guard.Amounts(11, Decimal(100), Decimal(1000), is_first=False), ("11 lots",)),
        (guard.Amounts(10, Decimal("100.5"), Decimal(2000), is_first=False), ("points are more than 100",)),
        (guard.Amounts(10, Decimal(100), Decimal(999), is_first=False), ("10 %",)),
        (guard.Amounts(11, Decimal(101), Decimal(0), is_first=True), ("before", "11 lots", "than 100", "10 %")),
    ],
)
def test_each_limit_has_its_reason(amounts: guard.Amounts, said: tuple[str, ...]) -> None:
    concerns = guard.concerns(amounts, guard.Limits(lots=10, points=100, share_percent=10))
    assert len(concerns) == len(said)
    assert all(word in concern for word, concern in zip(said, concerns, strict=True))


def test_limits_with_a_wrong_key_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "loyalty.yaml"
    assert settings.load().lots > 0
    file.write_text("guard: {lots: 5}")
    with pytest.raises(ConfigError, match="exactly these below it: lots, points, share_percent"):
        settings.load(file)
    file.write_text("guard: {lots: 5, points: 0, share_percent: 5}")
    with pytest.raises(ConfigError, match="points: 0"):
        settings.load(file)
