"""Reminders of carts in Odoo's mailing lists: kept up every quarter of an hour, begun and stopped by a person."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowSkipException
from psycopg.conninfo import conninfo_to_dict

from creamery.orchestration import push as tasks
from creamery.push import ledger, settings
from creamery.push.destinations.odoo_lists import OdooLists
from creamery.push.ledger import Kind, Plan, State
from creamery.push.odoo_push import OdooPush
from creamery.push.settings import PushSettings
from creamery.push.suppression import OdooSuppression
from tests import nights
from tests.push.bench import DAY, LIMITS, SNAPSHOT, Bench
from tests.push.fake_odoo import API_KEY, DATABASE, LOGIN, FakeOdoo, Fault
from tests.push.mortal import Killed, Life, mortal
from tests.push.mortal import connect as connect_mortal

FIRST, SECOND = "abandoned_cart_1", "abandoned_cart_2"
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
SETTINGS = PushSettings(LIMITS, 4, 1e6, 14, "", reminder_lists=(FIRST, SECOND))


@dataclass
class Quarters:
    """Carts by hand, and the pushes of a quarter of an hour and of a night."""

    bench: Bench

    def __post_init__(self) -> None:
        self.do("insert into carts.progress values (true, %s, %s)", NOW, NOW)
        self.do("insert into carts.generation (as_of) values (%s)", NOW)

    def do(self, statement: str, *values: object) -> None:
        self.bench.admin.execute(statement.encode(), values)
        self.bench.admin.commit()

    def remind(self, *addresses: str, step: int = 1, at: dt.datetime = NOW) -> None:
        """A cart of each address was left, and the step handed over."""
        for address in addresses:
            partner = self.bench.customer(address)
            self.do(
                "insert into carts.cart (cart_id, order_name, website_id, company_id, partner_id, customer_id,"
                " customer_name, email, created_at, last_activity_at, source_stamp, currency, cart_total, items,"
                " status, first_generation, last_generation) values (%s, 'S1', 1, 1, %s, %s, 'Ann', %s, %s, %s,"
                " '2026-11-19', 'BDT', 10, '[]', 'recovery_started', 1, 1) on conflict do nothing",
                partner, partner, partner, address, at, at - dt.timedelta(hours=1),
            )  # fmt: skip
            self.do(
                "insert into carts.step (cart_id, step, due_at, outcome, address, generation, handed_over_at)"
                " values (%s, %s, %s, 'handed over', %s, 1, %s)",
                partner, step, at, address, at,
            )  # fmt: skip
            customer_sk = self.bench.admin.execute(
                "select customer_sk from carts.reminder where address = %s", (address,)
            ).fetchone()
            if customer_sk:
                self.bench.contact(customer_sk[0], address)
                self.bench.admin.commit()

    def roll_back(self) -> Plan:
        self.bench.list_name = FIRST
        newest = ledger.newest_plan(self.bench.connection, self.bench.destination.name, FIRST)
        assert newest
        with self.opened() as push:
            return push.plan_roll_back(newest.plan_id)

    def ordered(self, address: str) -> None:
        self.do("update carts.cart set status = 'recovered' where email = %s", address)

    @contextmanager
    def opened(self, life: Life | None = None) -> Iterator[OdooPush]:
        """With a life, one that can be killed."""
        life = life or Life()
        info = self.bench.admin.info
        dsn = nights.as_login(f"{info.dsn} password={info.password}", "creamery_pipeline")
        with connect_mortal(dsn, life) as connection:
            lists = OdooLists(mortal(self.bench.client, life), connection)
            with ledger.held_by_us(connection, lists.name):
                ledger.pin(connection, lists)
                yield OdooPush(connection, lists, OdooSuppression(lists.client, lists, SNAPSHOT), SETTINGS)

    def pass_quarter(self, life: Life | None = None) -> dict[str, dict[str, int]]:
        with self.opened(life) as push:
            return push.push_reminders(DAY)

    def plan_night(self) -> list[Plan]:
        with self.opened() as push:
            return [plan for plan in push.plan_lists(DAY) if plan.kind == Kind.REMINDERS]

    def answer(self, plan: Plan) -> dict[str, dict[str, int]]:
        with self.opened() as push:
            push.approve([plan.plan_id], "Mina")
            counts = push.apply_plans([plan.plan_id])
            push.verify_plans([plan.plan_id])
        return counts

    def begin(self, *addresses: str) -> None:
        """The first list has them, approved."""
        self.remind(*addresses)
        (plan,) = self.plan_night()
        self.answer(plan)

    def on_list(self, list_name: str = FIRST) -> list[str]:
        self.bench.list_name = list_name
        return self.bench.on_list()

    def plans(self) -> list[tuple[str, str]]:
        rows = self.bench.admin.execute(
            "select list_name, state from push.plan where kind = 'reminders' order by plan_id"
        ).fetchall()
        self.bench.admin.commit()
        return rows


@pytest.fixture
def quarters(bench: Bench) -> Quarters:
    return Quarters(bench)


def people(count: int, first: int = 0) -> list[str]:
    return [f"c{number:03}@example.com" for number in range(first, first + count)]


def test_a_person_begins_a_list_and_the_quarters_keep_it_up(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.remind(*people(2))
    assert quarters.pass_quarter() == {}
    assert (quarters.plans(), odoo.writes()) == ([], [])
    (plan,) = quarters.plan_night()
    assert (plan.list_name, plan.state) == (FIRST, State.AWAITING_APPROVAL)
    assert plan.concerns == ["the first plan of this list"]
    with quarters.opened() as push:
        assert all(code.startswith("C0") for code in push.sample_codes(plan))
        assert len(push.sample_codes(plan)) == 2
    assert quarters.pass_quarter() == {}  # and does not take the plan away from whoever is asked
    assert quarters.answer(plan) == {FIRST: {"add done": 2}}
    quarters.remind(*people(1, first=2))
    quarters.ordered(people(1)[0])
    assert quarters.pass_quarter() == {FIRST: {"add done": 1, "keep done": 1, "remove done": 1}}
    assert quarters.on_list() == people(2, first=1)
    written = len(odoo.writes())
    assert quarters.pass_quarter() == {}
    assert quarters.plan_night() == []
    assert (len(odoo.writes()), len(quarters.plans())) == (written, 2)


def test_reminders_come_and_go_to_nobody_and_back(quarters: Quarters) -> None:
    quarters.begin(*people(1))
    quarters.ordered(people(1)[0])
    assert quarters.pass_quarter() == {FIRST: {"remove done": 1}}
    quarters.remind(*people(1, first=1))
    assert quarters.pass_quarter() == {FIRST: {"add done": 1}}


def test_an_address_is_on_the_list_of_its_newest_reminder(quarters: Quarters) -> None:
    quarters.begin(*people(1))
    quarters.remind(*people(1), step=2, at=NOW + dt.timedelta(hours=24))
    assert quarters.pass_quarter() == {FIRST: {"remove done": 1}}
    (plan,) = quarters.plan_night()
    assert quarters.answer(plan) == {SECOND: {"add done": 1}}
    assert (quarters.on_list(), quarters.on_list(SECOND)) == ([], people(1))


def test_who_was_written_to_leaves(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.begin(*people(2))
    quarters.do("update push.list_stay set pushed_at = %s", NOW)
    quarters.bench.list_name = FIRST
    mailing = {"email_from": "shop@example.com", "state": "done", "contact_list_ids": [quarters.bench.list_id()]}
    (sent,) = odoo.store.as_user(2, "create", "mailing.mailing", [mailing])
    trace = {"mass_mailing_id": sent, "trace_status": "sent", "is_test_trace": False, "email": people(1)[0]}
    odoo.store.as_user(2, "create", "mailing.trace", [{**trace, "sent_datetime": "2026-11-20 09:30:00"}])
    assert quarters.pass_quarter() == {FIRST: {"keep done": 1, "remove done": 1}}
    quarters.do("update carts.progress set last_as_of = last_as_of + interval '7 days'")
    assert quarters.pass_quarter() == {FIRST: {"remove done": 1}}  # nobody took care of it for a week


def test_who_comes_back_to_the_cart_leaves(quarters: Quarters) -> None:
    quarters.begin(*people(2))
    quarters.do("update carts.cart set last_activity_at = %s where email = %s", NOW + dt.timedelta(0, 1), people(1)[0])
    quarters.pass_quarter()
    assert quarters.on_list() == people(1, first=1)


def test_suppression_is_asked_live(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.begin(*people(2))
    quarters.remind(*people(2, first=2))
    for address in (people(3)[0], people(3)[2]):  # one on the list, one to come
        odoo.store.as_user(2, "create", "mail.blacklist", [{"email": address}])
    counts = {"add done": 1, "add suppressed: blacklisted": 1, "keep done": 1, "remove done": 1}
    assert quarters.pass_quarter() == {FIRST: counts}
    assert quarters.on_list() == [people(4)[1], people(4)[3]]


def test_who_orders_while_a_person_is_asked_is_not_put_on_the_list(quarters: Quarters) -> None:
    quarters.remind(*people(2))
    (plan,) = quarters.plan_night()
    quarters.ordered(people(1)[0])
    assert quarters.answer(plan) == {FIRST: {"add done": 1, "add suppressed: the reminder is over": 1}}


def test_a_roll_back_brings_no_reminder_back_that_is_over(quarters: Quarters) -> None:
    quarters.begin(*people(3))
    quarters.ordered(people(1)[0])
    quarters.do("update carts.step set outcome = 'blacklisted' where address = %s", people(3)[1])
    assert quarters.pass_quarter() == {FIRST: {"keep done": 1, "remove done": 2}}
    quarters.do("update carts.step set outcome = 'handed over'")
    plan = quarters.roll_back()
    assert (plan.kind, plan.add_count) == (Kind.ROLL_BACK, 2)
    counts = {"add done": 1, "add suppressed: the reminder is over": 1, "keep done": 1}
    assert quarters.answer(plan) == {FIRST: counts}
    assert quarters.on_list() == people(2, first=1)


def test_whom_the_warehouse_suppresses_while_a_person_is_asked_about_a_roll_back_stays_out(quarters: Quarters) -> None:
    quarters.begin(*people(2))
    quarters.do("update carts.step set outcome = 'blacklisted' where address = %s", people(1)[0])
    quarters.pass_quarter()
    quarters.do("update carts.step set outcome = 'handed over'")
    plan = quarters.roll_back()
    quarters.do("update audiences.contactability set reason = 'bounces' where address = %s", people(1)[0])
    assert quarters.answer(plan) == {FIRST: {"add suppressed: bounces": 1, "keep done": 1}}


def test_who_unsubscribes_stays_so_and_the_list_goes_on(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.begin(*people(1))
    (subscription,) = odoo.store.records["mailing.subscription"].values()
    odoo.store.as_user(2, "write", "mailing.subscription", [subscription["id"]], {"opt_out": True})
    quarters.remind(*people(1, first=1))
    assert quarters.pass_quarter() == {FIRST: {"add done": 1, "add suppressed: unsubscribed from the list": 1}}
    assert quarters.on_list() == people(1, first=1)


def test_an_explosion_and_a_lost_list_wait_for_a_person(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.begin(*people(2))
    quarters.remind(*people(30, first=2))
    assert quarters.pass_quarter() == {}
    (exploded,) = quarters.plan_night()
    assert exploded.concerns == ["grows from 2 to 32, by more than 10 and 50 %"]
    with quarters.opened() as push:
        assert push.reject([exploded.plan_id], "Mina") == 1
    assert quarters.pass_quarter() == {}
    quarters.do("delete from carts.step")
    quarters.do("delete from carts.cart")
    quarters.remind(*people(2))
    odoo.store.records["mailing.subscription"].clear()
    assert quarters.pass_quarter() == {}
    (lost,) = quarters.plan_night()
    assert lost.concerns == ["the destination has lost everybody of ours"]


def test_a_lost_answer_is_read_back(quarters: Quarters, odoo: FakeOdoo) -> None:
    quarters.begin(*people(1))
    quarters.remind(*people(2, first=1))
    faults = iter([Fault.LOST_RESPONSE])
    odoo.plan_fault = lambda model, method: next(faults, Fault.NONE) if method == "create" else Fault.NONE
    quarters.pass_quarter()
    assert quarters.on_list() == people(3)


def test_a_run_that_is_killed_anywhere_is_made_good_by_the_next(quarters: Quarters) -> None:
    quarters.begin(*people(1))
    quarters.remind(*people(1, first=1))
    whole = Life()
    quarters.pass_quarter(whole)
    for number in range(1, 13):  # of all the steps of a run, from the first to the last
        quarters.ordered(people(2, first=number)[0])
        quarters.remind(*people(1, first=number + 1))
        with pytest.raises(Killed):
            quarters.pass_quarter(Life(last=whole.steps * number // 12, ends_before=number % 2 == 0))
        quarters.pass_quarter()
        assert quarters.on_list() == quarters.bench.open_stays() == [people(1)[0], people(1, first=number + 1)[0]]


@pytest.fixture
def connections(bench: Bench, odoo: FakeOdoo, monkeypatch: pytest.MonkeyPatch) -> None:
    info = bench.admin.info
    parts = conninfo_to_dict(nights.as_login(f"{info.dsn} password={info.password}", "creamery_pipeline"))
    uri = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format_map(parts)
    monkeypatch.setenv("AIRFLOW_CONN_ANALYTICS_DW", uri)
    described = {
        "conn_type": "http", "host": odoo.url, "login": LOGIN, "password": API_KEY, "extra": {"database": DATABASE},
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_ODOO_API", json.dumps(described))


@pytest.mark.usefixtures("connections")
def test_the_tasks_begin_it_and_keep_it_up(quarters: Quarters, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowSkipException, match="names no cart_steps"):
        tasks.push_reminders()
    monkeypatch.setattr(settings, "load", lambda: SETTINGS)
    quarters.remind(*people(2))
    with pytest.raises(AirflowSkipException, match="No list changed"):
        tasks.push_reminders()
    plans = tasks.plan_lists([DAY], None)
    assert "abandoned_cart_1" in plans["question"]
    assert "@" not in json.dumps(plans)
    tasks.apply_approved(plans["awaiting"], {"responded_by_user": {"name": "Mina"}})
    assert tasks.verify(plans["awaiting"]) == {FIRST: 2}
    quarters.remind(*people(1, first=2))
    with quarters.opened(), pytest.raises(AirflowSkipException, match="Another run is pushing"):
        tasks.push_reminders()
    assert tasks.push_reminders() == {FIRST: {"add done": 1, "keep done": 2}}
    assert quarters.on_list() == people(3)


def test_the_pusher_reads_nothing_else_of_carts(bench: Bench) -> None:
    bench.connection.execute("select from carts.reminder")
    for table in ("cart", "step", "secret"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bench.connection.execute(f"select from carts.{table}".encode())
