"""What readers see: one complete published picture, through good, failed and killed nights."""

import datetime as dt
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.demo_shop.shop import create_shop
from creamery.errors import RunError, WarehouseError
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights
from tests.extract.raw_tables import let_a_day_pass
from tests.shops import AS_OF, Built

VIEWS = ("vw_rfm_segment_summary", "vw_rfm_score_distribution", "vw_customer_rfm", "vw_publication")


@pytest.fixture(scope="module")
def own(new_database: Callable[[str], str]) -> Built:
    """A shop and a warehouse that the tests of this module may change."""
    source, admin_uri = new_database("shop"), new_database("warehouse")
    create_shop(source, customers=120, as_of=AS_OF, seed=7)
    target = nights.prepare_warehouse(admin_uri)
    nights.run(source, target, AS_OF)
    return Built(source, target, admin_uri)


@dataclass
class Reader:
    """Polls every view in one snapshot after the other and remembers each distinct picture, and every error."""

    uri: str
    pictures: list[tuple[object, ...]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    looks: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            while not self.stopped.is_set():
                try:
                    self._look(connection)
                except psycopg.Error as error:
                    self.errors.append(str(error))
                self.looks += 1
                # As often as somebody could look, and no more: the night has the same two processors.
                self.stopped.wait(0.1)

    def look_again(self) -> None:
        """Return when a look that began after this call has ended; the one under way may have begun before."""
        seen, deadline = self.looks, time.monotonic() + 120
        while self.looks < seen + 2:
            assert time.monotonic() < deadline, "the reader stands still"
            time.sleep(0.05)

    def _look(self, connection: psycopg.Connection) -> None:
        for view in VIEWS:
            connection.execute(f"select * from reporting.{view}".encode()).fetchall()
        picture = connection.execute(
            "select (select max(as_of_date) from reporting.vw_publication),"
            " (select sum(customer_count) from reporting.vw_rfm_segment_summary),"
            " (select sum(total_revenue_365) from reporting.vw_rfm_segment_summary),"
            " (select sum(customer_count) from reporting.vw_rfm_score_distribution),"
            " (select sum(total_spend_365_days) from reporting.vw_customer_rfm),"
            " (select count(*) from reporting.vw_customer_rfm)"
        ).fetchone()
        assert picture is not None
        if picture not in self.pictures:
            self.pictures.append(picture)


@pytest.fixture
def reader(own: Built) -> Iterator[Reader]:
    polling = Reader(nights.as_login(own.warehouse_admin, "creamery_bi_reader"))
    thread = threading.Thread(target=polling.poll)
    thread.start()
    try:
        polling.look_again()
        yield polling
    finally:
        polling.stopped.set()
        thread.join()


def change_prices(own: Built) -> dt.date:
    """Let a day pass and prices change; the day that the next night is about, for which nothing was extracted yet."""
    let_a_day_pass(own.warehouse_admin)
    with psycopg.connect(own.source) as source:
        source.execute("update sale_order_line set price_subtotal = price_subtotal + 1, price_total = price_total + 1")
    with psycopg.connect(own.warehouse_admin) as connection:
        row = connection.execute(
            "select (now() at time zone business_time_zone)::date - 1 from ops.warehouse"
        ).fetchone()
    assert row is not None
    yesterday: dt.date = row[0]
    return yesterday


# As if the release before had had another column in a view, something that stood on it, and a table that is a view now.
OUTDATED_VIEWS = """
    set role creamery_transformer;
    drop view staging.stg_odoo__sale_order cascade;
    create view staging.stg_odoo__sale_order as select 1 as left_column;
    create view intermediate.left_view as select * from staging.stg_odoo__sale_order;
    drop view intermediate.int_sales__lines cascade;
    create table intermediate.int_sales__lines (left_column integer);
"""


@pytest.mark.slow
def test_the_same_night_twice_changes_no_row_whatever_its_views_were(own: Built) -> None:
    before = nights.published_hash(own.warehouse_admin)
    with psycopg.connect(own.warehouse_admin) as connection:
        newest = connection.execute("select max(created_at) from marts.fact_customer_rfm").fetchone()
        connection.execute(OUTDATED_VIEWS)
    nights.run(own.source, own.warehouse, AS_OF)
    assert nights.published_hash(own.warehouse_admin) == before
    with psycopg.connect(own.warehouse_admin) as connection:
        assert connection.execute("select max(created_at) from marts.fact_customer_rfm").fetchone() == newest


def test_a_night_changes_the_picture_once_and_whole(own: Built, reader: Reader) -> None:
    nights.run(own.source, own.warehouse, change_prices(own))
    reader.look_again()
    reader.stopped.set()
    assert reader.errors == []
    assert len(reader.pictures) == 2, reader.pictures
    for _, customers, revenue, customers_by_score, spend, rows in reader.pictures:
        assert customers == customers_by_score == rows
        assert revenue == spend


@pytest.mark.slow
def test_a_failed_test_publishes_nothing_and_the_next_night_heals(own: Built, reader: Reader) -> None:
    before = nights.published_hash(own.warehouse_admin)
    day = change_prices(own)
    nights.extract(own.source, own.warehouse, day)
    with psycopg.connect(own.warehouse_admin) as connection:
        # As if a line had been lost on the way: the source's total says otherwise.
        connection.execute("delete from raw_odoo.sale_order_line where id = (select min(l.id)"
                           " from raw_odoo.sale_order_line l join raw_odoo.sale_order o on o.id = l.order_id"
                           " where o.state = 'sale' and l.display_type is null)")  # fmt: skip
    with pytest.raises(RunError, match=r"Layer star failed, the published day stands.*assert_sales_agree_with_source"):
        nights.build(own.warehouse, day, is_checked=True)
    assert nights.published_hash(own.warehouse_admin) == before
    assert len(reader.pictures) == 1
    nights.run(own.source, own.warehouse, day)
    reader.stopped.set()
    assert reader.errors == []
    assert nights.published_hash(own.warehouse_admin) != before


@pytest.mark.slow
def test_a_past_day_joins_the_published_ones_and_leaves_the_newest(own: Built) -> None:
    with psycopg.connect(nights.as_login(own.warehouse_admin, "creamery_bi_reader")) as connection:
        query = "select * from reporting.vw_rfm_segment_summary where as_of_date = %s order by rfm_segment"
        newest = connection.execute(query, (AS_OF,)).fetchall()
        connection.commit()
        past = AS_OF - dt.timedelta(days=31)
        nights.build(own.warehouse, past)
        assert connection.execute(query, (AS_OF,)).fetchall() == newest
        assert connection.execute(query, (past,)).fetchall()
        days = connection.execute("select as_of_date, is_latest from reporting.vw_publication order by 1").fetchall()
    assert days[0] == (past, False)
    assert [day for day, is_latest in days if is_latest] == [days[-1][0]]
    assert days[-1][0] >= AS_OF


def test_a_run_that_was_overtaken_may_not_go_on(own: Built) -> None:
    with warehouse.writer(own.warehouse, Role.TRANSFORMER, "test") as writer:
        overtaken = publication.open_generation(writer.connection, [AS_OF])
        newer = publication.open_generation(writer.connection, [AS_OF])
    with pytest.raises(WarehouseError, match=r"a newer run took its place\. Clear the task open_generation"):
        dbt.build_layer(own.warehouse, dbt.STAR, Moment((AS_OF,)), overtaken)
    with warehouse.writer(own.warehouse, Role.TRANSFORMER, "test") as writer:
        with pytest.raises(WarehouseError, match="abandoned for a newer run"):
            publication.publish(writer.connection, overtaken)
        writer.connection.rollback()
        publication.require_open(writer.connection, newer)


# What holds a night up at each moment, so that it can be killed exactly there.
SLOW_ROWS = """
    create function public.wait_a_little() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.05); return new; end $$;
    grant usage on schema public to public;
    create trigger slow before insert on raw_odoo.sale_order_line for each row execute function public.wait_a_little()
"""
MOMENTS = {
    "while versions are stored": (
        SLOW_ROWS,
        """query ilike 'insert into "raw_odoo"."sale_order_line"%' and wait_event = 'PgSleep'""",
    ),
    "between data and watermark": (
        "lock table ops.extracted_table in exclusive mode",
        "query ilike 'insert into ops.extracted_table%' and wait_event_type = 'Lock'",
    ),
    "in the middle of dbt": (
        # Star is rebuilt by then, marts are not.
        "lock table intermediate.rfm_customer_measures in access share mode",
        "query like '%model.creamery.rfm_customer_measures%' and wait_event_type = 'Lock'",
    ),
    "before publication": (
        "lock table ops.publication in exclusive mode",
        "query ilike 'insert into ops.publication%' and wait_event_type = 'Lock'",
    ),
}


@pytest.mark.slow
def test_a_night_killed_at_every_moment_is_healed_by_the_next(
    own: Built, reader: Reader, new_database: Callable[[str], str]
) -> None:
    """Each night but the last is killed, at a later moment than the one before, and finds what that one left."""
    day = change_prices(own)
    for obstacle, sign in MOMENTS.values():
        kill_a_night(own, day, obstacle, sign)
    nights.run(own.source, own.warehouse, day)
    reader.look_again()
    reader.stopped.set()
    assert reader.errors == []
    assert len(reader.pictures) == 2, reader.pictures
    undisturbed = new_database("warehouse")
    nights.run(own.source, nights.prepare_warehouse(undisturbed), day)
    assert nights.published_hash(own.warehouse_admin, day) == nights.published_hash(undisturbed, day)


def kill_a_night(own: Built, day: dt.date, obstacle: str, sign: str) -> None:
    """Start a night, wait until it stands before the obstacle, kill -9 the parent alone; its sessions live on."""
    with (
        psycopg.connect(own.warehouse_admin) as holder,
        psycopg.connect(own.warehouse_admin, autocommit=True) as watcher,
    ):
        if obstacle == SLOW_ROWS:
            watcher.execute(obstacle.encode())
        else:
            holder.execute(obstacle.encode())
        process = nights.start_process(own.source, own.warehouse, day)
        try:
            wait_until_it_stands(watcher, sign, process)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        holder.rollback()
        if obstacle == SLOW_ROWS:
            watcher.execute("drop trigger slow on raw_odoo.sale_order_line")
            watcher.execute("drop function public.wait_a_little()")


def wait_until_it_stands(watcher: psycopg.Connection, sign: str, process: subprocess.Popen[bytes]) -> None:
    query = (
        f"select count(*) from pg_stat_activity where datname = current_database() and {sign}"
        " and pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 300
    while watcher.execute(query.encode()).fetchone() == (0,):
        assert time.monotonic() < deadline, "the night never came there"
        assert process.poll() is None, "the night ended before it came there"
        time.sleep(0.05)
