"""Pushes through a real Airflow: its approval operator waits for a person, whose answer decides."""

import json
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from creamery import warehouse
from creamery.laptop.airflow_api import AirflowApi, RunKey
from creamery.laptop.environment import ODOO_API_CONNECTION, WAREHOUSE_CONNECTION
from creamery.laptop.installation import Installation
from creamery.laptop.own_airflow import Night, own_airflow
from creamery.odoo import connect
from creamery.warehouse import Role
from tests.loyalty import clubs, worlds
from tests.loyalty.worlds import ACCOUNTS, AS_OF, CARDS, World
from tests.push import bench as benches
from tests.push.bench import AT_ONCE, LIST, Bench
from tests.push.fake_odoo import API_KEY, DATABASE, LOGIN, FakeOdoo

PEOPLE = [f"c{number}@example.com" for number in range(5)]
_READING_SECONDS = 10


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str]) -> Iterator[World]:
    """Points are due on a card, others to an account, and five people are on a list."""
    world = clubs.prepare(worlds.make(new_database("points_shop"), new_database("points_warehouse")))
    worlds.due(world, CARDS[0], 30)
    clubs.due(world, ACCOUNTS[0], "order", 40, source_id=12)
    worlds.run(
        world.warehouse,
        benches.AUDIENCES,
        f"insert into audiences.list_definition values ('{LIST}', 'campaign', '{LIST}', 1, 'email', false, 'Win back')",
        "insert into ops.published_day select as_of_date, generation, false, published_at from ops.publication",
    )
    yield world
    worlds.drop_writer(world.odoo)


@pytest.fixture
def bench(world: World) -> Iterator[Bench]:
    uuid = worlds.value(world.warehouse, "select source_uuid from ops.warehouse")
    with (
        FakeOdoo(19, uuid=uuid) as odoo,
        warehouse.connect(world.pipeline, Role.PUSHER) as connection,
        psycopg.connect(world.warehouse) as admin,
        connect(odoo.login, AT_ONCE) as client,
    ):
        bench = Bench(connection, admin, odoo, client)
        bench.audience(PEOPLE)
        yield bench


@pytest.mark.slow
def test_a_person_decides_what_is_pushed(served: Installation, world: World, bench: Bench) -> None:
    described = {"conn_type": "http", "host": bench.odoo.url, "login": LOGIN, "password": API_KEY}
    connections = {
        WAREHOUSE_CONNECTION: worlds.as_uri(world.pipeline),
        ODOO_API_CONNECTION: json.dumps(described | {"extra": {"database": DATABASE}}),
        "AIRFLOW_CONN_ODOO_LOYALTY": worlds.as_uri(world.writer),
    }
    with own_airflow(served, "pushes", connections) as night:
        api = night.start()

        asked, _ = _answer(night, api, "push_audiences", "Reject")
        assert "5 to add, 0 to remove" in asked
        assert "@" not in asked
        assert worlds.rows(world.warehouse, "select state from push.plan") == [("rejected",)]
        assert bench.odoo.writes() == []

        _answer(night, api, "push_audiences", "Approve")
        assert bench.on_list() == PEOPLE
        newest = "select state, decided_by from push.plan order by plan_id desc limit 1"
        assert worlds.rows(world.warehouse, newest) == [("verified", "admin")]

        asked, _ = _answer(night, api, "push_loyalty_expiries", "Approve")
        assert "1 lots on 1 cards. Asked because: Nothing has been expired here before." in asked
        assert worlds.rows(world.warehouse, "select state, message from push.loyalty_expiry") == [("done", None)]
        assert worlds.balance(world, CARDS[0]) == 170

        asked, _ = _answer(night, api, "push_loyalty_awards", "Approve")
        assert "1 awards and 0 changes of tier on 1 accounts. Asked because: Nothing has been awarded" in asked
        assert clubs.account_of(world, ACCOUNTS[0])[:2] == (340, 340)

        # Within the limits nobody is asked.
        clubs.due(world, ACCOUNTS[1], "order", 40, source_id=13)
        asked, states = _answer(night, api, "push_loyalty_awards", "Reject")
        assert (asked, states["ask"], states["approve"]) == ("", "skipped", "skipped")
        assert (states["apply"], states["verify"], states["apply_approved"]) == ("success", "success", "skipped")
        assert clubs.account_of(world, ACCOUNTS[1])[:2] == (340, 340)

        decided = worlds.rows(world.warehouse, "select purpose, state, decided_by from push.loyalty_plan order by 1, 3")
        awards = [("awards", "verified", "admin"), ("awards", "verified", None)]
        assert decided == [*awards, ("expiries", "verified", "admin")]


def _answer(night: Night, api: AirflowApi, dag_id: str, answer: str) -> tuple[str, dict[str, str]]:
    """What a run asked and how its tasks ended; it was answered and ended well.

    Airflow asks again where the answer came before its scheduler had seen the question's end, so it is read first.
    """
    run = api.trigger(dag_id, {"as_of_date": AS_OF.isoformat()})
    asked = ""
    while (state := api.run_state(run)) in ("queued", "running"):
        night.check()
        if _is_waiting(api, run):
            time.sleep(_READING_SECONDS)
            details = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/approve/-1/hitlDetails"
            asked = str(api._request("GET", details)["body"])
            api._request("PATCH", details, json={"chosen_options": [answer], "params_input": {}})
        time.sleep(1)
    states = {task.name: task.state for task in api.tasks(run)}
    assert state == "success", states
    return asked, states


def _is_waiting(api: AirflowApi, run: RunKey) -> bool:
    return any(task.name == "approve" and task.state == "awaiting_input" for task in api.tasks(run))
