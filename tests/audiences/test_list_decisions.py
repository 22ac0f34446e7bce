"""Whom a list hands over: consent shared by address, caps across campaigns, and reasons that add up."""

import datetime as dt
import os
import subprocess
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery.orchestration import dbt
from creamery.settings import DBT_PROJECT_FOLDER
from tests import nights
from tests.audiences.desk import CUSTOMERS, Desk, address, november

DAY = 19
CAPS = {"low": {1: 1, 30: 1}, "normal": {1: 1, 7: 2, 30: 6}, "high": {1: 1, 7: 4, 30: 12}}  # seed contact_policy
PRIORITIES = {"win_1": 40, "ask": 80}


@pytest.fixture(scope="session")
def outcome_query(desk_uri: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model list_outcome as dbt compiles it for the day: run in a transaction it reads what the test wrote."""
    target = tmp_path_factory.mktemp("target")
    folders = ["--project-dir", DBT_PROJECT_FOLDER, "--profiles-dir", DBT_PROJECT_FOLDER]
    subprocess.run(
        [
            os.environ["CREAMERY_DBT"], "compile", "--select", "list_outcome", *folders, "--target-path", target,
            "--log-path", target, "--vars", f'{{"as_of_dates": ["{november(DAY)}"], "global_control_percent": 0}}',
        ],
        env=os.environ | dbt.environment(nights.as_login(desk_uri, "creamery_pipeline"), "creamery lists"),
        check=True,
        capture_output=True,
    )  # fmt: skip
    (compiled,) = (target / "compiled").rglob("list_outcome.sql")
    return compiled.read_text()


def outcomes(desk: Desk, query: str) -> dict[tuple[str, int], str]:
    rows = desk.connection.execute(f"select list_name, customer_sk, outcome from ({query}) as rows".encode()).fetchall()
    found = {(list_name, customer): outcome for list_name, customer, outcome in rows}
    assert len(found) == len(rows)
    return found


def define(desk: Desk) -> None:
    desk.define(
        "win",
        type="win_back",
        trigger={"on": "inactivity", "days": 10},
        steps=[{"channel": "email"}, {"channel": "email", "delay_days": 2}],
        priority=PRIORITIES["win_1"],
    )
    desk.define("ask", trigger={"on": "event", "event": "order"}, category="surveys", priority=PRIORITIES["ask"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_subscribed": False}, "unsubscribed"),
        ({"is_blacklisted": True}, "blacklisted"),
        ({"has_live_subscription": False}, "no consent"),
    ],
)
def test_of_two_people_with_one_address_neither_is_written_to_where_one_does_not_want_it(
    connection: psycopg.Connection, tmp_path: Path, outcome_query: str, change: dict[str, object], reason: str
) -> None:
    desk = Desk(connection, tmp_path)
    define(desk)
    desk.order(1, 1, 2, 3)
    desk.change_point(2, address=address(1), **change)
    desk.night(DAY)
    assert outcomes(desk, outcome_query) == {
        ("win_1", 1): "another holder of the address is suppressed",
        ("win_1", 2): reason,
        ("win_1", 3): "handed over",
    }


def test_who_withdraws_between_enrolment_and_list_is_not_handed_over(
    connection: psycopg.Connection, tmp_path: Path, outcome_query: str
) -> None:
    desk = Desk(connection, tmp_path)
    define(desk)
    desk.order(1, 1, 2, 3)
    desk.night(DAY)
    desk.change_point(1, refused_lists=["win_1"])
    desk.change_point(2, refused_categories=["surveys"])
    desk.change_point(3, refused_categories=["marketing"])
    assert outcomes(desk, outcome_query) == {
        ("win_1", 1): "opted out of the list",
        ("win_1", 2): "handed over",
        ("win_1", 3): "opted out of the category",
    }


def test_a_message_sent_before_a_late_night_is_not_in_its_list(
    connection: psycopg.Connection, tmp_path: Path, outcome_query: str
) -> None:
    """Pushed by the night before; the night comes after the message, or is run again after it."""
    desk = Desk(connection, tmp_path)
    define(desk)
    desk.order(1, 1, 2, 3)
    desk.night(DAY - 1)
    desk.push(DAY, "win_1", 1, sent=DAY + 1)
    desk.push(DAY + 1, "win_1", 2)
    for _ in range(2):
        desk.night(DAY)
        assert outcomes(desk, outcome_query) == {("win_1", 2): "handed over", ("win_1", 3): "handed over"}


def test_a_control_group_is_not_reached_through_an_address_that_came_to_be_shared(
    connection: psycopg.Connection, tmp_path: Path, outcome_query: str
) -> None:
    desk = Desk(connection, tmp_path)
    define(desk)
    desk.order(1, 1, 2, 3)
    desk.night(DAY)
    connection.execute("update campaigns.enrolment set arm = 'control group' where customer_sk = 1")
    desk.change_point(2, address=address(1))
    assert outcomes(desk, outcome_query) == {
        ("win_1", 1): "control group",
        ("win_1", 2): "control group at the same address",
        ("win_1", 3): "handed over",
    }


Stay = tuple[int, str, int, bool]
STAYS = st.lists(
    st.tuples(
        st.integers(1, DAY), st.sampled_from(["win_1", "win_2", "ask"]), st.sampled_from(CUSTOMERS), st.booleans()
    ),
    max_size=15,
    unique_by=lambda stay: (stay[1], stay[2]),
)
FREQUENCIES = st.lists(st.sampled_from(sorted(CAPS)), min_size=len(CUSTOMERS), max_size=len(CUSTOMERS))


@given(STAYS, FREQUENCIES, st.sets(st.sampled_from(CUSTOMERS)), st.booleans())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_gets_more_than_its_caps_and_the_priority_decides(
    connection: psycopg.Connection,
    tmp_path: Path,
    outcome_query: str,
    stays: list[Stay],
    frequencies: list[str],
    buyers: set[int],
    is_shared: bool,
) -> None:
    connection.rollback()
    desk = Desk(connection, tmp_path)
    define(desk)
    preferred = dict(zip(CUSTOMERS, frequencies, strict=True))
    for customer, frequency in preferred.items():
        desk.change_point(customer, preferred_frequency=frequency)
    desk.order(2, *CUSTOMERS)
    for day, list_name, customer, is_sent in stays:
        desk.push(day, list_name, customer, sent=day if is_sent else None)
    if is_shared:
        desk.change_point(2, address=address(1), preferred_frequency=preferred[1])
        preferred[2] = preferred[1]
    desk.night(12)
    desk.order(DAY, *sorted(buyers))
    desk.night(DAY)
    found = outcomes(desk, outcome_query)
    assert outcomes(desk, outcome_query) == found

    assert set(found) == in_reach(desk)
    addresses = {n: address(1) if is_shared and n == 2 else address(n) for n in CUSTOMERS}
    handed_over = {key for key, outcome in found.items() if outcome == "handed over"}
    in_list = {(list_name, customer) for day, list_name, customer, _ in stays if day >= 12}
    each = Counter((list_name, addresses[customer]) for list_name, customer in handed_over)
    assert set(each.values()) <= {1}
    new = handed_over - in_list
    for customer in CUSTOMERS:
        mine = [list_name for list_name, other in new if addresses[other] == addresses[customer]]
        if not mine:
            continue
        for period, most in CAPS[preferred[customer]].items():
            counted = messages(stays, {n for n in CUSTOMERS if address(n) == addresses[customer]}, period)
            assert counted + len(mine) <= most
    for (list_name, customer), outcome in found.items():
        if outcome == "contact cap reached":
            rivals = [other for other, who in new if addresses[who] == addresses[customer]]
            assert all(priority(rival) <= priority(list_name) for rival in rivals)


def priority(list_name: str) -> int:
    return PRIORITIES.get(list_name, PRIORITIES["win_1"])


def messages(stays: list[Stay], customers: set[int], period: int) -> int:
    """Those of the period that ends with the day: sent, or pushed in the last seven days."""
    return sum(
        customer in customers and day > DAY - period and (is_sent or day > DAY - 7)
        for day, _, customer, is_sent in stays
    )


def in_reach(desk: Desk) -> set[tuple[str, int]]:
    """By the tables: due today, or refused today by the trigger of a campaign."""
    rows = desk.connection.execute(
        "select steps.list_name, steps.customer_sk from audiences.enrolment_step as steps"
        " inner join campaigns.enrolment as enrolments using (enrolment_sk)"
        " where enrolment_status = 'active' and due_date <= %(day)s and done_date > %(day)s"
        " union select steps.list_name, log.customer_sk from campaigns.trigger_log as log"
        " inner join campaigns.campaign_step as steps on log.campaign_name = steps.campaign_name and steps.step = 1"
        " where as_of_date = %(day)s and execution_status in ('skipped', 'rate_limited')"
        " and reason <> 'enrolled already'",
        {"day": dt.date(2026, 11, DAY)},
    ).fetchall()
    return {(list_name, customer) for list_name, customer in rows}
