"""Lists in the add-on's tables of a real PostgreSQL, written by the role that can do only this, through the engine."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowSkipException
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import Jsonb

from creamery import warehouse
from creamery.errors import AccessRefusedError, PushError, RefusedError, UnknownOutcomeError
from creamery.orchestration import push as tasks
from creamery.push import ledger, settings
from creamery.push.apply import apply_plan
from creamery.push.destinations import addon_tables
from creamery.push.destinations.addon_tables import AddonTables
from creamery.push.ledger import State
from creamery.push.member import DONE, Held, Member, Outcome
from creamery.push.odoo_push import OdooPush
from creamery.push.plan import make_plan
from creamery.push.verify import verify_plan
from tests import nights
from tests.push import bench as by_api

SEGMENT, CAMPAIGN = "segment_champions", "win_back"
WRITER_PASSWORD = "only-for-tests-4"


@dataclass
class NoSuppression:
    """What speaks against addresses, by hand."""

    against: dict[str, str] = field(default_factory=dict)

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        return {each.address: self.against[each.address] for each in members if each.address in self.against}


@dataclass
class AddonBench:
    """A warehouse with audiences, an Odoo with the add-on's tables, and the engine between."""

    connection: psycopg.Connection
    admin: psycopg.Connection
    odoo: psycopg.Connection
    destination: AddonTables
    suppression: NoSuppression = field(default_factory=NoSuppression)

    def audience(self, name: str, people: Sequence[int]) -> None:
        self.admin.execute("delete from audiences.list_member where list_name = %s", (name,))
        for number in people:
            self.admin.execute(
                "insert into audiences.list_member values (%s, %s, %s, 'C', %s, 'email', %s, %s, false, %s, %s)",
                (
                    by_api.DAY,
                    name,
                    number,
                    number,
                    address(number),
                    f"Person {number}",
                    f"CODE-{number}",
                    Jsonb({"last_products": "Milk"}),
                ),
            )

    def push(self, name: str) -> dict[str, int]:
        plan = make_plan(self.connection, self.destination, name, by_api.DAY)
        ledger.set_state(self.connection, plan.plan_id, State.APPROVED, "test")
        counts = apply_plan(self.connection, self.destination, self.suppression, plan.plan_id, batch_size=4)
        verify_plan(self.connection, self.destination, plan.plan_id)
        return counts

    def held(self, name: str) -> list[Held]:
        return sorted(self.destination.held(name), key=lambda each: each.address)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.odoo.execute(query.encode()).fetchall()


def address(number: int) -> str:
    return f"person{number:02}@example.com"


def ours(*numbers: int) -> list[Held]:
    return [Held(address(number), is_ours=True) for number in numbers]


@pytest.fixture(scope="module")
def databases(new_database: Callable[[str], str]) -> tuple[str, str]:
    admin_uri, odoo = new_database("addonwarehouse"), new_database("addonodoo")
    nights.prepare_warehouse(admin_uri)
    by_api.prepare(admin_uri)
    with psycopg.connect(admin_uri) as connection:
        connection.execute(
            "insert into audiences.list_definition values (%s, 'segment', null, null, 'email', false, 'Champions')",
            (SEGMENT,),
        )
    with psycopg.connect(odoo) as connection:
        connection.execute(
            "create table res_partner ("
            " id integer primary key, email text, email_normalized text, active boolean default true, name text,"
            " city text, is_company boolean, commercial_partner_id integer, parent_id integer, country_id integer,"
            " create_date timestamp)"
        )
        connection.execute("create table ir_config_parameter (key text, value text)")
        connection.execute(
            "insert into ir_config_parameter select 'database.uuid', '11111111-2222-3333-4444-555555555555'"
        )
        for file in sorted((nights.ROOT / "sql" / "operational").glob("*.sql")):
            connection.execute(file.read_bytes())
    for _ in range(2):  # running it again changes nothing
        with psycopg.connect(odoo, autocommit=True) as connection:
            connection.execute((nights.ROOT / "sql" / "odoo_campaign_writer.sql").read_bytes())
    with psycopg.connect(odoo, autocommit=True) as connection:
        connection.execute(f"alter role creamery_campaign_writer password '{WRITER_PASSWORD}'".encode())
    return admin_uri, odoo


@pytest.fixture
def bench(databases: tuple[str, str]) -> Iterator[AddonBench]:
    admin_uri, odoo_uri = databases
    with (
        warehouse.connect(nights.as_login(admin_uri, "creamery_pipeline"), warehouse.Role.PUSHER) as connection,
        psycopg.connect(admin_uri, autocommit=True) as admin,
        psycopg.connect(odoo_uri, autocommit=True) as odoo,
    ):
        connection.autocommit = True
        admin.execute("truncate audiences.list_member, push.plan, push.operation, push.list_stay, push.hand_removal")
        odoo.execute("truncate res_partner, operational.customer_segment, operational.email_campaign cascade")
        odoo.execute(
            "insert into res_partner select n, null, 'person' || lpad(n::text, 2, '0') || '@example.com'"
            " from generate_series(1, 30) as n"
        )
        writer = make_conninfo(odoo_uri, user="creamery_campaign_writer", password=WRITER_PASSWORD)
        destination = AddonTables(writer, connection)
        ledger.pin(connection, destination)
        yield AddonBench(connection, admin, odoo, destination)


@pytest.mark.parametrize("name", [SEGMENT, CAMPAIGN])
def test_a_list_follows_its_audience(bench: AddonBench, name: str) -> None:
    bench.audience(name, range(1, 10))
    assert bench.push(name) == {"add done": 9}
    assert bench.held(name) == ours(*range(1, 10))
    bench.audience(name, range(4, 13))
    assert bench.push(name) == {"add done": 3, "keep done": 6, "remove done": 3}
    assert bench.held(name) == ours(*range(4, 13))
    assert bench.push(name) == {"keep done": 9}


def test_what_a_segment_looks_like_to_the_add_on(bench: AddonBench) -> None:
    bench.audience(SEGMENT, [1, 2])
    bench.push(SEGMENT)
    assert bench.rows(
        "select name, segment_type, customer_count, is_active, auto_refresh, filter_criteria"
        " from operational.customer_segment"
    ) == [("Champions", "static", 2, True, False, {"creamery_list": SEGMENT})]
    assert bench.rows("select customer_id, source from operational.segment_membership order by 1") == [
        (1, "creamery"),
        (2, "creamery"),
    ]


def test_what_a_campaign_looks_like_to_the_sender(bench: AddonBench) -> None:
    bench.audience(CAMPAIGN, [1])
    bench.push(CAMPAIGN)
    assert bench.rows("select name, status, total_recipients from operational.email_campaign") == [
        ("Win back", "draft", 1)
    ]
    assert bench.rows(
        "select customer_id, email_address, status, sent_at, personalization_data - '_creamery'"
        " from operational.campaign_recipient"
    ) == [
        (
            1,
            address(1),
            "pending",
            None,
            {"customer_name": "Person 1", "offer_code": "CODE-1", "last_products": "Milk"},
        )
    ]


def test_what_was_sent_is_neither_sent_again_nor_taken_back(bench: AddonBench) -> None:
    bench.audience(CAMPAIGN, [1, 2, 3])
    bench.push(CAMPAIGN)
    bench.odoo.execute("update operational.campaign_recipient set status = 'sent' where customer_id = 1")
    assert bench.push(CAMPAIGN) == {"keep done": 3}
    bench.audience(CAMPAIGN, [3])
    assert bench.push(CAMPAIGN) == {"keep done": 1, "remove done": 2}
    assert bench.held(CAMPAIGN) == ours(3)
    assert bench.rows("select customer_id, status from operational.campaign_recipient order by 1") == [
        (1, "sent"),
        (3, "pending"),
    ]
    bench.audience(CAMPAIGN, [1, 3])  # in reach again, much later
    assert bench.push(CAMPAIGN) == {"add done": 1, "keep done": 1}
    assert bench.rows("select status from operational.campaign_recipient where customer_id = 1 order by 1") == [
        ("pending",),
        ("sent",),
    ]


def test_what_the_sender_has_sent_since_is_told(bench: AddonBench) -> None:
    bench.audience(CAMPAIGN, [1, 2, 3])
    bench.push(CAMPAIGN)
    moment = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    bench.odoo.execute(
        "update operational.campaign_recipient"
        " set status = 'sent', sent_at = %s - make_interval(days => customer_id - 1)"
        " where customer_id < 3",
        (moment,),
    )
    assert list(bench.destination.sent(CAMPAIGN, moment - dt.timedelta(hours=1))) == [(address(1), moment)]
    assert list(bench.destination.sent("never_pushed", moment)) == []


@pytest.mark.parametrize("name", [SEGMENT, CAMPAIGN])
def test_whom_people_added_is_never_touched(bench: AddonBench, name: str) -> None:
    bench.audience(name, [1])
    bench.push(name)
    by_hand = {
        SEGMENT: "insert into operational.segment_membership (segment_id, customer_id, source)"
        " select id, customer, 'manual' from operational.customer_segment, unnest(array[2, 3]) as customer",
        CAMPAIGN: "insert into operational.campaign_recipient (campaign_id, customer_id, email_address)"
        " select id, customer, 'Person0' || customer || '@Example.com'"
        " from operational.email_campaign, unnest(array[2, 3]) as customer",
    }
    bench.odoo.execute(by_hand[name].encode())
    bench.audience(name, [2])
    bench.push(name)
    assert bench.held(name) == [Held(address(2), is_ours=False), Held(address(3), is_ours=False)]
    bench.audience(name, [])
    bench.push(name)
    assert bench.held(name) == [Held(address(2), is_ours=False), Held(address(3), is_ours=False)]
    assert bench.destination.add(name, [Member(address(3), partner_id=3)]) == {address(3): Outcome(is_by_hand=True)}


@pytest.mark.parametrize("name", [SEGMENT, CAMPAIGN])
def test_whom_people_took_out_stays_out(bench: AddonBench, name: str) -> None:
    bench.audience(name, [1, 2, 3])
    bench.push(name)
    table = "segment_membership" if name == SEGMENT else "campaign_recipient"
    bench.odoo.execute(f"delete from operational.{table} where customer_id = 2".encode())
    bench.push(name)
    assert bench.held(name) == ours(1, 3)


def test_who_unsubscribed_from_the_campaign_is_not_written_again(bench: AddonBench) -> None:
    bench.audience(CAMPAIGN, [1, 2])
    bench.push(CAMPAIGN)
    bench.odoo.execute("update operational.campaign_recipient set status = 'sent'")
    bench.odoo.execute(
        "insert into operational.email_engagement (recipient_id, campaign_id, customer_id, engagement_type)"
        " select id, campaign_id, customer_id, 'unsubscribe' from operational.campaign_recipient where customer_id = 1"
    )
    assert bench.held(CAMPAIGN) == [Held(address(1), is_ours=True, is_opted_out=True), *ours(2)]
    assert bench.destination.add(CAMPAIGN, [Member(address(1), partner_id=1)]) == {
        address(1): Outcome(rejected_because="unsubscribed from the list")
    }


def test_who_is_suppressed_by_now_is_not_there(bench: AddonBench) -> None:
    bench.audience(SEGMENT, [1, 2, 3])
    bench.push(SEGMENT)
    bench.suppression.against = {address(2): "blacklisted"}
    bench.push(SEGMENT)
    assert bench.held(SEGMENT) == ours(1, 3)


def test_members_that_cannot_be_are_rejected_alone(bench: AddonBench) -> None:
    bench.odoo.execute("update res_partner set email_normalized = 'new@example.com' where id = 2")
    batch = [Member(address(1), partner_id=1), Member(address(2), partner_id=2), Member(address(3))]
    assert bench.destination.add(SEGMENT, batch) == {
        address(1): DONE,
        address(2): Outcome(rejected_because="the contact has another address by now"),
        address(3): Outcome(rejected_because="no contact in Odoo"),
    }
    with pytest.raises(RefusedError, match="out of range"):
        bench.destination.add(CAMPAIGN, [Member(address(1), partner_id=1), Member(address(2), partner_id=2**40)])
    assert bench.held(CAMPAIGN) == []  # nothing of the batch
    assert bench.rows("select count(*) from operational.email_campaign") == [(0,)]


def test_a_member_without_address_can_still_be_removed(bench: AddonBench) -> None:
    bench.audience(SEGMENT, [1, 2])
    bench.push(SEGMENT)
    bench.odoo.execute("update res_partner set email_normalized = null where id = 1")
    bench.audience(SEGMENT, [2])
    bench.push(SEGMENT)
    assert bench.held(SEGMENT) == ours(2)


def test_an_answer_that_got_lost_is_read_back(bench: AddonBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit arrives, its answer does not."""
    bench.audience(CAMPAIGN, range(1, 7))
    add, lost = AddonTables.add, []

    def add_and_break_off(self: AddonTables, list_name: str, batch: Sequence[Member]) -> object:
        outcomes = add(self, list_name, batch)
        if not lost:
            lost.append(batch)
            raise UnknownOutcomeError("broke off")
        return outcomes

    monkeypatch.setattr(addon_tables.AddonTables, "add", add_and_break_off)
    assert bench.push(CAMPAIGN) == {"add done": 6}
    assert bench.rows("select count(*), count(distinct customer_id) from operational.campaign_recipient") == [(6, 6)]


def test_a_session_that_is_ended_has_an_unknown_outcome(bench: AddonBench) -> None:
    with pytest.raises(UnknownOutcomeError, match="broke off"):
        write(bench.destination, "select pg_terminate_backend(pg_backend_pid())")


def test_identity_is_that_of_the_odoo(bench: AddonBench) -> None:
    assert bench.destination.identity() == "11111111-2222-3333-4444-555555555555"
    ledger.pin(bench.connection, bench.destination)
    bench.odoo.execute("update ir_config_parameter set value = 'another'")
    try:
        with pytest.raises(PushError, match="leads to another"):
            ledger.pin(bench.connection, bench.destination)
    finally:
        bench.odoo.execute("update ir_config_parameter set value = '11111111-2222-3333-4444-555555555555'")


def test_the_role_can_do_only_this(bench: AddonBench) -> None:
    for statement in (
        "insert into operational.campaign_recipient (campaign_id, customer_id, email_address, status)"
        " values (1, 1, 'a', 'sent')",
        "update operational.campaign_recipient set status = 'sent'",
        "insert into operational.email_campaign (name, campaign_type, status) values ('a', 'one_time', 'running')",
        "update operational.email_campaign set status = 'running'",
        "delete from operational.email_campaign",
        "update operational.customer_segment set filter_criteria = '{}'",
        "update res_partner set email = 'a'",
        "select * from ir_config_parameter",
        "select * from operational.loyalty_transaction",
        "create table operational.mine ()",
    ):
        with pytest.raises(AccessRefusedError, match="odoo_campaign_writer"):
            write(bench.destination, statement)


def write(destination: AddonTables, statement: str) -> None:
    with destination._session(is_writing=True) as session:
        session.execute(statement.encode())


def test_the_tasks(bench: AddonBench, databases: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As Airflow calls them: the first plan waits for a person, and nobody's address is in what tasks pass on."""
    admin_uri, odoo_uri = databases
    bench.audience(CAMPAIGN, [1, 2])
    with pytest.raises(AirflowSkipException, match="No connection odoo_campaign_writer"):
        tasks.plan_lists([by_api.DAY], None, tasks.ODOO_CAMPAIGN_WRITER)
    for name, dsn in (
        ("ANALYTICS_DW", nights.as_login(admin_uri, "creamery_pipeline")),
        ("ODOO_POSTGRES", odoo_uri),
        ("ODOO_CAMPAIGN_WRITER", bench.destination.dsn),
    ):
        described = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**conninfo_to_dict(dsn))
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", described)
    plans = tasks.plan_lists([by_api.DAY], None, tasks.ODOO_CAMPAIGN_WRITER)
    assert "2 to add" in plans["question"]
    assert "@" not in json.dumps(plans)
    answer = {"responded_by_user": {"name": "Mina"}}
    bench.odoo.execute("update res_partner set active = false where id = 2")
    assert tasks.apply_approved(plans["awaiting"], answer, tasks.ODOO_CAMPAIGN_WRITER) == {
        CAMPAIGN: {"add done": 1, "add suppressed: archived in Odoo": 1}
    }
    assert tasks.verify(plans["awaiting"], tasks.ODOO_CAMPAIGN_WRITER) == {CAMPAIGN: 1}
    assert bench.held(CAMPAIGN) == ours(1)
    assert tasks.plan_lists([by_api.DAY], plans["awaiting"][0], tasks.ODOO_CAMPAIGN_WRITER)["awaiting"]


def test_a_plan_of_another_destination_is_not_rolled_back_here(bench: AddonBench) -> None:
    bench.connection.execute("insert into push.destination values ('odoo_lists', 'x') on conflict do nothing")
    row = bench.connection.execute(
        "insert into push.plan (destination, list_name, as_of_date, generation, kind)"
        " values ('odoo_lists', 'win_back', '2026-11-19', 1, 'audience') returning plan_id"
    ).fetchone()
    assert row is not None
    push = OdooPush(bench.connection, bench.destination, bench.suppression, settings.load())
    with pytest.raises(PushError, match="is of odoo_lists, not of addon_tables"):
        push.plan_roll_back(row[0])


def test_no_way_in_is_named(bench: AddonBench) -> None:
    wrong = AddonTables(make_conninfo(bench.destination.dsn, dbname="no_such_database"), bench.connection)
    with pytest.raises(AccessRefusedError, match="Check the connection odoo_campaign_writer"):
        wrong.identity()


def test_an_odoo_without_the_add_on_is_named(bench: AddonBench) -> None:
    bench.odoo.execute("alter table operational.customer_segment rename to moved_away")
    try:
        with pytest.raises(AccessRefusedError, match=r"customer_segment.* does not exist"):
            list(bench.destination.held(SEGMENT))
    finally:
        bench.odoo.execute("alter table operational.moved_away rename to customer_segment")
