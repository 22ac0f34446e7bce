"""A warehouse with audiences made by hand, and the engine between it and a fake Odoo."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from creamery.odoo import OdooClient, Pace
from creamery.push import ledger
from creamery.push.apply import apply_plan
from creamery.push.destinations import Destination
from creamery.push.destinations.odoo_lists import OdooLists
from creamery.push.guard import Limits, judge
from creamery.push.ledger import Plan, State
from creamery.push.plan import make_plan, make_roll_back
from creamery.push.suppression import OdooSuppression
from creamery.push.verify import verify_plan
from tests.push.fake_odoo import FakeOdoo

DAY = dt.date(2026, 11, 19)
SNAPSHOT = dt.datetime(2026, 11, 19, 20, tzinfo=dt.UTC)  # before the fake Odoo's clock
LIST = "win_back"
AT_ONCE = Pace(calls_per_second=1e6, first_pause_seconds=0, sleep=lambda seconds: None)
LIMITS = Limits(members=10, percent=50)

# As dbt makes them.
AUDIENCES = """
    set role creamery_transformer;
    create table audiences.list_member (
        as_of_date date, list_name text, customer_sk bigint, customer_code text, partner_id integer, channel text,
        address text, customer_name text, is_internal_user boolean, offer_code text, merge_data jsonb
    );
    create table audiences.list_definition (
        list_name text, kind text, campaign_name text, step integer, channel text, is_service boolean, title text,
        category text default 'marketing'
    );
    create table audiences.list_outcome (as_of_date date, list_name text, customer_sk bigint, outcome text);
    create table audiences.contactability (
        customer_sk bigint, channel text, address text, reason text, marketing_reason text,
        refused_categories text[] default '{}', refused_lists text[] default '{}'
    );
    reset role;
"""


def prepare(admin_uri: str) -> None:
    """Audiences and a published day in a database that bootstrap has made a warehouse."""
    with psycopg.connect(admin_uri) as admin:
        admin.execute(AUDIENCES.encode())
        admin.execute(
            "insert into audiences.list_definition values (%s, 'campaign', %s, 1, 'email', false, 'Win back')",
            (LIST, LIST),
        )
        admin.execute(
            "insert into ops.warehouse values (default, %s, 'print', '19.0', 1, 1, 'USD', 'UTC', %s, %s)",
            ("11111111-2222-3333-4444-555555555555", SNAPSHOT, SNAPSHOT),
        )
        admin.execute("insert into ops.generation (as_of_dates, state) values (array[%s::date], 'published')", (DAY,))
        admin.execute("insert into ops.publication values (default, 1, %s, %s)", (DAY, SNAPSHOT))
        admin.execute("insert into ops.published_day values (%s, 1, false, %s)", (DAY, SNAPSHOT))
        admin.execute(
            "insert into ops.extraction (as_of_date, source_snapshot_at, state) values (%s, %s, 'complete')",
            (DAY, SNAPSHOT),
        )


def number_of(address: str) -> int:
    """Key of the customer who has the address."""
    return hash(address) % 10**9


@dataclass
class Bench:
    """`connection` is the pusher's, in autocommit; `admin` is everybody else."""

    connection: psycopg.Connection
    admin: psycopg.Connection
    odoo: FakeOdoo
    client: OdooClient
    list_name: str = LIST
    destination: Destination = field(init=False)
    suppression: OdooSuppression = field(init=False)

    def __post_init__(self) -> None:
        self.destination = lists = OdooLists(self.client, self.connection)
        self.suppression = OdooSuppression(self.client, lists, SNAPSHOT)

    def customer(self, address: str, **values: object) -> int:
        """The contact of this address in Odoo, as a customer whom nothing speaks against."""
        if known := self.odoo.store.find("res.partner", email_normalized=address):
            return int(known["id"])
        usual = {"name": address.split("@")[0], "email": address, "partner_share": True, "message_bounce": 0}
        (partner_id,) = self.odoo.store.as_user(2, "create", "res.partner", [{**usual, **values}])
        return int(partner_id)

    def audience(self, addresses: Iterable[str], day: dt.date = DAY) -> None:
        self.admin.execute("delete from audiences.list_member where list_name = %s", (self.list_name,))
        for address in addresses:
            self.admin.execute(
                "insert into audiences.list_member values (%s, %s, %s, 'C', %s, 'email', %s, %s, false, null, '{}')",
                (day, self.list_name, number_of(address), self.customer(address), address, address.split("@")[0]),
            )
            self.contact(number_of(address), address)
        self.admin.commit()

    def contact(self, customer_sk: int, address: str) -> None:
        """The warehouse knows nothing against writing there, unless it does already."""
        self.admin.execute(
            "insert into audiences.contactability (customer_sk, channel, address)"
            " select %(customer)s, 'email', %(address)s"
            " where not exists (select from audiences.contactability where customer_sk = %(customer)s)",
            {"customer": customer_sk, "address": address},
        )

    def plan(self) -> Plan:
        with ledger.held_by_us(self.connection, self.destination.name):
            ledger.pin(self.connection, self.destination)
            plan = make_plan(self.connection, self.destination, self.list_name, DAY)
            return judge(self.connection, self.destination, plan, LIMITS)

    def roll_back(self) -> Plan:
        """The plan that undoes the newest one of the list."""
        newest = ledger.newest_plan(self.connection, self.destination.name, self.list_name)
        assert newest
        plan = make_roll_back(self.connection, self.destination, newest.plan_id)
        return judge(self.connection, self.destination, plan, LIMITS)

    def apply(self, plan: Plan, batch_size: int = 4) -> dict[str, int]:
        with ledger.held_by_us(self.connection, self.destination.name):
            return apply_plan(self.connection, self.destination, self.suppression, plan.plan_id, batch_size)

    def push(self) -> dict[str, int]:
        """All of it, approved."""
        plan = self.plan()
        if plan.state == State.AWAITING_APPROVAL:
            ledger.set_state(self.connection, plan.plan_id, State.APPROVED, "a person")
        counts = self.apply(plan)
        verify_plan(self.connection, self.destination, plan.plan_id)
        return counts

    def build_again(self, day: dt.date = DAY) -> None:
        """Another generation of the day is published."""
        self.admin.execute(
            "with built as (insert into ops.generation (as_of_dates, state) values (array[%(day)s::date], 'published')"
            " returning generation), published as (update ops.publication set generation = built.generation from built)"
            " insert into ops.published_day select %(day)s, built.generation, false, now() from built"
            " on conflict (as_of_date) do update set generation = excluded.generation",
            {"day": day},
        )
        self.admin.commit()

    def list_id(self) -> int:
        row = self.admin.execute(
            "select remote_id from push.destination_list where list_name = %s", (self.list_name,)
        ).fetchone()
        self.admin.commit()
        assert row
        return int(row[0])

    def on_list(self) -> list[str]:
        """Whom a mailing to the list would reach, with repetitions."""
        store = self.odoo.store
        return sorted(store.address(row) for row in store.subscriptions(self.list_id()) if not row["opt_out"])

    def open_stays(self) -> list[str]:
        rows = self.admin.execute(
            "select address from push.list_stay where list_name = %s and removed_at is null order by 1",
            (self.list_name,),
        ).fetchall()
        self.admin.commit()
        return [address for (address,) in rows]
