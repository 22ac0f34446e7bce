"""After any fault the next try heals, and nothing comes twice.

Every drill ends with the rows of an undisturbed extraction of the same source.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from creamery import warehouse
from creamery.demo_shop.shop import create_shop
from creamery.errors import SourceError
from creamery.extract import record, run, snapshot, source
from creamery.extract.contract import CONTRACT
from creamery.extract.load import load_table
from creamery.extract.probe import plan_tables
from tests import nights
from tests.conftest import free_port
from tests.extract import faults
from tests.extract.faults import Drill, execute, rows_of
from tests.shops import AS_OF

NewDatabase = Callable[[str], str]

A_DAY_OF_CHANGES = (
    "update sale_order_line set price_subtotal = price_subtotal + 1, write_date = now() at time zone 'UTC'"
    " where id % 2 = 0",
    "delete from sale_order_line where id % 97 = 0",
    "update sale_order set partner_id = (select max(id) from res_partner) where id % 50 = 0",
    "insert into crm_lead (name, type, active, create_date) values ('New', 'lead', true, now() at time zone 'UTC')",
    "update res_partner set city = 'Elsewhere', write_date = now() at time zone 'UTC' where id % 3 = 0",
)


@pytest.fixture(scope="module")
def yesterday(new_database: NewDatabase) -> Drill:
    """A warehouse extracted before the source's day of changes, not to be touched: drills get a copy."""
    source, admin_uri, undisturbed = new_database("shop"), new_database("warehouse"), new_database("warehouse")
    create_shop(source, customers=60, as_of=AS_OF, seed=11)
    target = nights.prepare_warehouse(admin_uri)
    nights.extract(source, target, AS_OF)
    execute(source, *A_DAY_OF_CHANGES)
    nights.extract(source, nights.prepare_warehouse(undisturbed), AS_OF)
    return Drill(source, target, admin_uri, faults.current_rows(undisturbed))


@pytest.fixture
def drill(yesterday: Drill, admin_dsn: str) -> Iterator[Drill]:
    """A warehouse that knows yesterday's rows."""
    template = yesterday.admin_uri.rpartition("/")[2]
    copy = f"{template}_copy"
    faults.wait_until(lambda: not faults.sessions(yesterday.admin_uri, "true"), "an idle template")
    execute(admin_dsn, f"create database {copy} template {template}")
    admin_uri = f"{admin_dsn.rpartition('/')[0]}/{copy}"
    yield Drill(yesterday.source, nights.prepare_warehouse(admin_uri), admin_uri, yesterday.expected)
    execute(admin_dsn, f"drop database {copy} with (force)")


@pytest.fixture(params=["first load", "later load"])
def any_drill(request: pytest.FixtureRequest, yesterday: Drill, new_database: NewDatabase) -> Drill:
    if request.param == "later load":
        drill: Drill = request.getfixturevalue("drill")
        return drill
    admin_uri = new_database("warehouse")
    return Drill(yesterday.source, nights.prepare_warehouse(admin_uri), admin_uri, yesterday.expected)


LINES_ARE_READ = re.compile(rb'from "public"\."sale_order_line" as source')
LINES_ARE_WRITTEN = re.compile(rb'copy "raw_odoo"\."sale_order_line"|from "raw_odoo"\."sale_order_line" limit 0')


def test_the_source_is_cut_off_in_the_middle_of_copy(any_drill: Drill) -> None:
    before = faults.watermarks(any_drill.admin_uri)
    with (
        faults.Cut(any_drill.source, LINES_ARE_READ, 50_000, towards_server=False) as cut,
        pytest.raises(SourceError, match=r"Not loaded: sale_order_line \(.*The next try reads only these"),
    ):
        nights.extract(cut.through, any_drill.target, AS_OF)
    assert_stopped_at_lines(any_drill, before)
    any_drill.heal()


def test_the_warehouse_is_cut_off_in_the_middle_of_copy(any_drill: Drill) -> None:
    before = faults.watermarks(any_drill.admin_uri)
    with (
        faults.Cut(any_drill.target, LINES_ARE_WRITTEN, 50_000, towards_server=True) as cut,
        pytest.raises(SourceError, match=r"Not loaded: sale_order_line \(.*The next try reads only these"),
    ):
        nights.extract(any_drill.source, cut.through, AS_OF)
    assert_stopped_at_lines(any_drill, before)
    any_drill.heal()


def assert_stopped_at_lines(drill: Drill, before: dict[str, object]) -> None:
    """Orders have landed, their lines have not: neither rows nor watermark moved."""
    after = faults.watermarks(drill.admin_uri)
    assert after["sale_order"] != before.get("sale_order")
    assert after["sale_order_line"] == before.get("sale_order_line")
    assert "sale_order" in drill.landed()
    assert "sale_order_line" not in drill.landed()
    faults.assert_watermarks_tell_the_truth(drill.admin_uri)


def test_the_sources_session_is_terminated_in_the_middle_of_copy(drill: Drill) -> None:
    before = faults.watermarks(drill.admin_uri)
    with faults.slow_reading(drill.source), ThreadPoolExecutor() as pool:
        extracting = pool.submit(nights.extract, drill.source, drill.target, AS_OF)
        faults.wait_until(lambda: faults.terminate(drill.source, faults.IN_MID_COPY), "COPY of sale_order_line")
        with pytest.raises(SourceError, match=r"Not loaded: sale_order_line \(terminating connection"):
            extracting.result(60)
    assert_stopped_at_lines(drill, before)
    drill.heal()


def test_the_snapshot_is_lost_between_two_tables(drill: Drill) -> None:
    """The next try of hold_snapshot opens another one; all tables are read in it, those that had landed as well."""
    night = run.open_night(drill.source, drill.target, AS_OF)
    with drill.holding(night) as holding:
        run.copy_tables(drill.source, drill.target, night, ["res_partner", "sale_order"])
        faults.wait_until(lambda: drill.totals(night), "the source's totals")
        totals = drill.totals(night)
        assert faults.terminate(drill.source, "application_name = 'creamery extract'") == 1
        with pytest.raises(SourceError, match=r"The snapshot of extraction \d+ is gone .*next try of hold_snapshot"):
            run.copy_tables(drill.source, drill.target, night, ["sale_order_line"])
        with pytest.raises(SourceError, match="ended the session that holds the snapshot"):
            holding.result(30)
    with pytest.raises(SourceError, match=r"is not complete: .*sale_order_line.* Clear the run"):
        run.close_night(drill.target, night)
    # As if the source had moved on between the two snapshots.
    execute(drill.admin_uri, "update ops.source_total set net_amount = 0")
    faults.try_again(drill.source, drill.target, night)
    drill.assert_healed()
    assert drill.totals(night) == totals


def test_the_warehouse_drops_the_holders_sessions(drill: Drill) -> None:
    night = run.open_night(drill.source, drill.target, AS_OF)
    with drill.holding(night) as holding:
        run.copy_tables(drill.source, drill.target, night, ["res_partner", "sale_order"])
        assert faults.terminate(drill.admin_uri, f"application_name like '{warehouse.APPLICATION_PREFIX}%'")
        with pytest.raises(psycopg.OperationalError):
            holding.result(30)
    faults.try_again(drill.source, drill.target, night)
    drill.assert_healed()


def test_a_statement_timeout_of_the_source(drill: Drill) -> None:
    impatient = make_conninfo(drill.source, options="-c statement_timeout=500")
    night = run.open_night(impatient, drill.target, AS_OF)
    with snapshot.held(impatient, drill.target, night.extraction_id):
        with (
            faults.slow_reading(drill.source),
            pytest.raises(SourceError, match=r"^Not loaded: sale_order_line \(canceling.*statement timeout[^;]*; what"),
        ):
            run.copy_tables(impatient, drill.target, night, all_tables())
        assert_only_this_is_read_again(drill, impatient, night, "sale_order_line")
    drill.assert_healed()


def test_a_table_that_the_source_has_locked(drill: Drill) -> None:
    impatient = make_conninfo(drill.source, options="-c lock_timeout=500")
    with psycopg.connect(drill.source) as migration:
        migration.execute("lock table crm_lead in access exclusive mode")
        night = run.open_night(impatient, drill.target, AS_OF)
        with snapshot.held(impatient, drill.target, night.extraction_id) as (odoo, held):
            run.take_totals(odoo, drill.target, held)
            with pytest.raises(SourceError, match=r"^Not loaded: crm_lead \(canceling.*lock timeout[^;]*; what"):
                run.copy_tables(impatient, drill.target, night, all_tables())
            migration.rollback()
            assert_only_this_is_read_again(drill, impatient, night, "crm_lead")
    drill.assert_healed()


def all_tables() -> list[str]:
    return [table.raw_name for table in CONTRACT]


def assert_only_this_is_read_again(drill: Drill, source: str, night: run.Night, name: str) -> None:
    """A retry skips what has landed; after it everything has."""
    before = drill.landed()
    assert name not in before
    assert len(before) == len(CONTRACT) - 1
    run.copy_tables(source, drill.target, night, all_tables())
    after = drill.landed()
    assert {table: at for table, at in after.items() if table != name} == before
    run.close_night(drill.target, night)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        pytest.param(
            "alter table broken alter probability type text using 'high'",
            "invalid input syntax for type numeric",
            id="text where numbers were",
        ),
        pytest.param(
            "insert into broken select * from broken limit 1", "the snapshot has|duplicate key", id="a key twice"
        ),
    ],
)
def test_a_table_that_breaks_is_stopped_alone(fault: str, problem: str, drill: Drill) -> None:
    before = faults.watermarks(drill.admin_uri)
    execute(
        drill.source,
        "create table broken as table crm_lead",
        fault,
        "alter table crm_lead rename to crm_lead_as_it_is",
        "alter table broken rename to crm_lead",
    )
    try:
        nights.extract(drill.source, drill.target, AS_OF)
    finally:
        execute(drill.source, "drop table crm_lead", "alter table crm_lead_as_it_is rename to crm_lead")
    ((name, told, loaded_at),) = rows_of(
        drill.admin_uri,
        "select table_name, problem, loaded_snapshot_at from ops.source_table where state = 'stopped'",
    )
    assert (name, loaded_at) == ("crm_lead", before["crm_lead"])
    assert re.search(problem, str(told))
    faults.assert_watermarks_tell_the_truth(drill.admin_uri)
    drill.heal()


LOCK_WATERMARKS = "lock table ops.extracted_table in exclusive mode"
LOCK_LINES = "lock table raw_odoo.sale_order_line in access exclusive mode"
MOMENTS = {
    "before a commit": (LOCK_WATERMARKS, "query like 'insert into ops.extracted_table%' and wait_event_type = 'Lock'"),
    "after a commit": (LOCK_LINES, "query like '%\"raw_odoo\".\"sale_order_line\"%' and wait_event_type = 'Lock'"),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_process_is_killed_around_a_commit(drill: Drill, moment: str) -> None:
    obstacle, sign = MOMENTS[moment]
    with psycopg.connect(drill.admin_uri) as holder:
        holder.execute(obstacle.encode())
        process = nights.start_process(drill.source, drill.target, AS_OF)
        try:
            faults.wait_until(lambda: faults.sessions(drill.admin_uri, sign), moment)
        finally:
            faults.kill(process)
        # Its session still waits for the lock; the next writer does not wait for it.
        with warehouse.writer(drill.target, warehouse.Role.LOADER, "the next"):
            assert faults.sessions(drill.admin_uri, sign) == []
    assert bool(drill.landed()) == (moment == "after a commit")
    faults.assert_watermarks_tell_the_truth(drill.admin_uri)
    drill.heal()


def test_the_process_is_killed_in_the_middle_of_copy(drill: Drill) -> None:
    before = faults.watermarks(drill.admin_uri)
    with faults.slow_reading(drill.source):
        process = nights.start_process(drill.source, drill.target, AS_OF)
        try:
            faults.wait_until(lambda: faults.sessions(drill.source, faults.IN_MID_COPY), "COPY of sale_order_line")
        finally:
            faults.kill(process)
        faults.wait_until(lambda: not faults.sessions(drill.source, "true"), "an end of the orphans")
    assert_stopped_at_lines(drill, before)
    drill.heal()


def test_an_extraction_that_was_replaced_writes_no_more(drill: Drill) -> None:
    night = run.open_night(drill.source, drill.target, AS_OF)
    with (
        faults.slow_reading(drill.source),
        snapshot.held(drill.source, drill.target, night.extraction_id) as (_, held),
        ThreadPoolExecutor() as pool,
    ):
        copying = pool.submit(run.copy_tables, drill.source, drill.target, night, ["sale_order_line"])
        faults.wait_until(lambda: faults.sessions(drill.source, faults.IN_MID_COPY), "COPY of sale_order_line")
        # The lock is lost, and nobody tells those who work under it.
        assert faults.terminate(drill.admin_uri, "pid in (select pid from pg_locks where locktype = 'advisory')") == 1
        run.open_night(drill.source, drill.target, AS_OF)
        with pytest.raises(SourceError, match=r"Not loaded: sale_order_line"):
            copying.result(60)
    drill.heal()
    with (
        source.connect(drill.source) as odoo,
        warehouse.connect(drill.target, warehouse.Role.LOADER, held.application_name) as orphan,
    ):
        plan = plan_tables(odoo, CONTRACT)[0]
        with pytest.raises(psycopg.errors.RaiseException, match="replaced by a newer one"):
            load_table(odoo, orphan, plan, held, night.options())
        orphan.rollback()
        with pytest.raises(psycopg.errors.RaiseException, match="replaced by a newer one"):
            record.store_stopped(orphan, plan, held, "too late")
    drill.assert_healed()


@pytest.mark.slow
def test_the_disk_of_the_warehouse_is_full(new_database: NewDatabase, tmp_path: Path) -> None:
    source, undisturbed = new_database("shop"), new_database("warehouse")
    create_shop(source, customers=40, as_of=AS_OF, seed=12)
    execute(
        source,
        "create temporary table pattern as select * from sale_order_line limit 1;"
        " insert into sale_order_line select (jsonb_populate_record(pattern, jsonb_build_object('id', i))).*"
        " from pattern cross join generate_series(1000001, 1150000) as i",
    )
    nights.extract(source, nights.prepare_warehouse(undisturbed), AS_OF)
    with faults.own_server(tmp_path, free_port()) as server:
        execute(server.dsn(), "create database warehouse")
        admin_uri = server.dsn("warehouse")
        drill = Drill(source, nights.prepare_warehouse(admin_uri), admin_uri, faults.current_rows(undisturbed))
        night = run.open_night(source, drill.target, AS_OF)
        with snapshot.held(source, drill.target, night.extraction_id) as (odoo, held):
            run.take_totals(odoo, drill.target, held)
            with (
                # The log's files have 16 MB; and there is room for half a page more.
                faults.full_disk(server, 18 * 1024 * 1024 + 4096),
                pytest.raises(SourceError, match=r"^Not loaded: sale_order_line \(could not extend file[^;]*; what"),
            ):
                run.copy_tables(source, drill.target, night, all_tables())
            faults.assert_watermarks_tell_the_truth(admin_uri)
            assert_only_this_is_read_again(drill, source, night, "sale_order_line")
        drill.assert_healed()
